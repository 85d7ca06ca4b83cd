using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Which file each table of a database has: a table that is rewritten gets another one.</summary>
internal sealed class TableFiles
{
    private readonly Dictionary<uint, (string Table, uint File)> files = [];

    private TableFiles()
    {
    }

    public static async Task<TableFiles> ReadAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        var found = new TableFiles();
        await using var connection = await PostgresServer.ConnectAsync(database, "deepsight migrate", cancellationToken);
        await using var query = new NpgsqlCommand(
            """
            select c.oid, format('%I.%I', n.nspname, c.relname), pg_relation_filenode(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.oid >= 16384 and c.relkind = 'r' and n.nspname <> 'information_schema' order by 2
            """, connection);
        await using var row = await query.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) found.files.Add(row.GetFieldValue<uint>(0), (row.GetString(1), row.GetFieldValue<uint>(2)));
        return found;
    }

    /// <summary>The hazards: what is another file now.</summary>
    public IEnumerable<string> RewrittenIn(TableFiles now) =>
        from table in files
        where now.files.TryGetValue(table.Key, out var other) && other.File != table.Value.File
        select $"rewrites-table {table.Value.Table}";
}
