using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Backup.Dumping;

/// <summary>
/// The snapshot that pg_dump reads from, taken by a session of ours. A TRUNCATE, or an ALTER TABLE that rewrites, that commits between
/// the snapshot and pg_dump's locks leaves a table that reads as empty in that snapshot, and pg_dump says nothing. So the files of all
/// tables are compared once pg_dump holds its locks. No lock of ours is taken: a TRUNCATE that waits for it would hold up pg_dump.
/// </summary>
internal sealed class DumpSnapshot : IAsyncDisposable
{
    /// <summary>
    /// pg_class as the snapshot has it beside the file of now. VACUUM FULL and CLUSTER would do no harm and can't be told apart. Tables of
    /// an extension are in no dump but for its configuration.
    /// </summary>
    private const string Rewritten =
        """
        select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and c.relpersistence <> 't' and c.relfilenode <> 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and coalesce(pg_relation_filenode(c.oid), 0) <> c.relfilenode
           and (c.oid in (select unnest(extconfig) from pg_extension)
                or not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'))
         order by 1
        """;

    private readonly NpgsqlConnection connection;

    private DumpSnapshot(NpgsqlConnection connection, string id) => (this.connection, Id) = (connection, id);

    /// <summary>For <c>pg_dump --snapshot</c> and <c>SET TRANSACTION SNAPSHOT</c>; good while this lives.</summary>
    public string Id { get; }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    public static async Task<DumpSnapshot> TakeAsync(DatabaseUrl database, TimeProvider clock, CancellationToken cancellationToken)
    {
        var connection = await RestoreConnection.OpenPatientlyAsync(database, "deepsight backup", clock, cancellationToken);
        try
        {
            await connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
            return new DumpSnapshot(connection, (await connection.ListAsync("select pg_export_snapshot()", cancellationToken))[0]);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A table that was dropped meanwhile is among them: pg_dump fails for it, and another attempt helps.</summary>
    public async Task<IReadOnlyList<string>> FindRewrittenAsync(CancellationToken cancellationToken) =>
        await connection.ListAsync(Rewritten, cancellationToken);

    /// <summary>As it sees them.</summary>
    public Task<IReadOnlyList<LargeTable>> FindLargeTablesAsync(long fromBytes, bool isOfClientsMajor, CancellationToken cancellationToken) =>
        LargeTable.FindAsync(connection, fromBytes, isOfClientsMajor, cancellationToken);
}
