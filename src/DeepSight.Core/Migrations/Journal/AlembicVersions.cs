using Npgsql;

namespace DeepSight.Core.Migrations.Journal;

/// <summary>What Alembic left in a database: the heads in its table <c>alembic_version</c>.</summary>
internal static class AlembicVersions
{
    /// <summary>Empty when there is no such table, or nothing in it.</summary>
    /// <exception cref="DeepSightException">There are several.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await FindAsync(connection, cancellationToken) is not { } table) return [];

        await using var command = new NpgsqlCommand($"select version_num::text from {table} order by 1", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var versions = new List<string>();
        while (await row.ReadAsync(cancellationToken)) versions.Add(row.GetString(0));
        return versions;
    }

    /// <summary>The one that the search path finds; else the only one.</summary>
    private static async Task<string?> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select format('%I.%I', n.nspname, c.relname), pg_table_is_visible(c.oid)
              from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relname = 'alembic_version' and c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
             order by 2 desc, 1
            """, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
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
}
