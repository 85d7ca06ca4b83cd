using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Processes;
using DeepSight.Core.Postgres.Sql;
using Npgsql;

namespace DeepSight.Core.Backup;

/// <summary>
/// The snapshot that pg_dump reads from, taken by a session of ours. A TRUNCATE, or an ALTER TABLE that rewrites, that commits between
/// the snapshot and pg_dump's locks leaves a table that reads as empty in that snapshot, and pg_dump says nothing. So the files of all
/// tables are compared once pg_dump holds its locks. No lock of ours is taken: a TRUNCATE that waits for it would hold up pg_dump.
/// </summary>
internal sealed class DumpSnapshot : IAsyncDisposable
{
    /// <summary>Each costs no more than pg_dump's look at the catalogue.</summary>
    private const int Attempts = 10;

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

    /// <summary>For <c>pg_dump --snapshot</c>; good while this lives.</summary>
    private string Id { get; }

    /// <summary>Starts pg_dump and waits for its first output: by then it holds its locks. Begins again where a table was rewritten before.</summary>
    /// <exception cref="DeepSightException">A table was rewritten each time.</exception>
    public static async Task<ToolProcess> StartDumpAsync(DatabaseUrl database, PostgresClient client, DumpOptions options, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var snapshot = await TakeAsync(database, clock, cancellationToken);
            var dump = PostgresTools.StartDump(database, client, options with { Snapshot = snapshot.Id }, cancellationToken);
            try
            {
                var began = await dump.WaitForOutputAsync(cancellationToken);
                var rewritten = await snapshot.FindRewrittenAsync(cancellationToken);
                if (rewritten.Count == 0 || (!began && attempt == Attempts)) return dump;
                if (attempt == Attempts) throw AlwaysRewritten(rewritten);
            }
            catch
            {
                await dump.DisposeAsync();
                throw;
            }

            await dump.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private static async Task<DumpSnapshot> TakeAsync(DatabaseUrl database, TimeProvider clock, CancellationToken cancellationToken)
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
    private async Task<IReadOnlyList<string>> FindRewrittenAsync(CancellationToken cancellationToken) =>
        await connection.ListAsync(Rewritten, cancellationToken);

    private static DeepSightException AlwaysRewritten(IReadOnlyList<string> tables) => new(FailureKind.Failed,
        $"{string.Join(", ", tables.Take(5))}{(tables.Count > 5 ? $" and {tables.Count - 5} more" : "")} "
        + $"{(tables.Count == 1 ? "was" : "were")} truncated, rewritten or dropped each of {Attempts} times between the dump's snapshot and its locks; "
        + "the backup would have lacked their rows.",
        "back up at another hour, or truncate and rewrite less often; DELETE does no harm.");
}
