using Npgsql;

namespace DeepSight.Core.Migrations.Journal;

/// <summary>What Alembic left in a database: the heads in its table <c>alembic_version</c>.</summary>
internal static class AlembicVersions
{
    /// <summary>Empty when there is no such table, or nothing in it.</summary>
    /// <exception cref="DeepSightException">There are several.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlBatch(connection) { BatchCommands = { FindCommand() } };
        string? table;
        await using (var row = await find.ExecuteReaderAsync(cancellationToken)) table = await FindAsync(row, cancellationToken);
        if (table is null) return [];

        await using var read = new NpgsqlBatch(connection) { BatchCommands = { ReadCommand(table) } };
        await using var versions = await read.ExecuteReaderAsync(cancellationToken);
        return await ReadAsync(versions, cancellationToken);
    }

    /// <summary>What <see cref="FindAsync"/> reads the answer of.</summary>
    public static NpgsqlBatchCommand FindCommand() => new(
        """
        select format('%I.%I', n.nspname, c.relname), pg_table_is_visible(c.oid)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relname = 'alembic_version' and c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
         order by 2 desc, 1
        """);

    /// <summary>The one that the search path finds; else the only one.</summary>
    public static async Task<string?> FindAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var tables = new List<(string Name, bool Visible)>();
        while (await row.ReadAsync(cancellationToken)) tables.Add((row.GetString(0), row.GetBoolean(1)));

        return tables switch
        {
            [] => null,
            [var (name, visible), ..] when visible || tables.Count == 1 => name,
            _ => throw new DeepSightException(FailureKind.InvalidInput,
                $"There is more than one table of Alembic's: {string.Join(", ", tables.Select(table => table.Name))}.",
                "put the right schema first with ?options=-csearch_path=… in the URL."),
        };
    }

    /// <summary>What the other <c>ReadAsync</c> reads the answer of.</summary>
    public static NpgsqlBatchCommand ReadCommand(string table) => new($"select version_num::text from {table} order by 1");

    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var versions = new List<string>();
        while (await row.ReadAsync(cancellationToken)) versions.Add(row.GetString(0));
        return versions;
    }
}
