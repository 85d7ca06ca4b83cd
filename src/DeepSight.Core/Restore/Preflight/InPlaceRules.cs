using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Core.Restore.InPlace;
using Npgsql;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>Whether a restore into the target itself can work.</summary>
internal static class InPlaceRules
{
    /// <exception cref="DeepSightException">It can't (<see cref="FailureKind.Refused"/>).</exception>
    public static async Task CheckAsync(RestoreRequest request, DumpSource source, TargetFacts target, NpgsqlConnection connection,
        IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        if (request.Clean)
        {
            await RequireOwnershipAsync(request, target, connection, schemas, cancellationToken);
            await RequireScopeAsync(request, connection, schemas, cancellationToken);
            await RequireLocksAsync(request, source, target, connection, schemas, cancellationToken);
        }
        else if (!request.TolerateErrors && source.Manifest is { } manifest)
        {
            await RequireAbsenceAsync(request, manifest.Tables.Select(table => table.Name), connection, cancellationToken);
        }
    }

    /// <summary>What is not emptied and the dump would find there already, once it has been read.</summary>
    /// <exception cref="DeepSightException">It would (<see cref="FailureKind.Refused"/>).</exception>
    public static async Task CheckScopeAsync(RestoreRequest request, DumpSummary dump, NpgsqlConnection connection, IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        if (!request.Clean) return;
        if (dump.Tables.Any(table => table.Name is "deepsight.restores" or "deepsight.migration_hold")
            && (await connection.ListAsync("select nspname::text from pg_namespace where nspname = 'deepsight'", cancellationToken)).Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"The dump holds this tool's own records (in the schema deepsight), and so does '{request.Target.Display}', which keeps them.",
                "the mode swap (the default) restores beside them; or dump again with --exclude-table=deepsight.restores --exclude-table=deepsight.migration_hold, or by `deepsight backup`, which leaves them out.");
        if (schemas.Count == 0) return;

        var limit = $"RESTORE_SCHEMAS limits --clean to {string.Join(", ", schemas)}";
        var tables = await connection.ListAsync(
            "select c.oid::regclass::text from unnest(@names) as name join pg_class c on c.oid = to_regclass(name) join pg_namespace n on n.oid = c.relnamespace where n.nspname <> all (@schemas)",
            cancellationToken, ("names", dump.Tables.Select(table => table.Name).ToArray()), ("schemas", schemas.ToArray()));
        if (tables.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"The backup and '{request.Target.Display}' both have {string.Join(", ", tables.Take(5))}{(tables.Count > 5 ? $" and {tables.Count - 5} more" : "")}; {limit}.",
                "add their schemas to RESTORE_SCHEMAS; the mode swap (the default) restores beside them.");

        await RequireNoOthersAsync(request, dump, connection, schemas, limit, cancellationToken);
        if (dump.LargeObjects > 0 && (await connection.ListAsync("select oid::text from pg_largeobject_metadata limit 1", cancellationToken)).Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"The backup and '{request.Target.Display}' both have large objects; {limit}, and large objects are in none.",
                "the mode swap (the default) restores beside them; in place, unlink them first (SELECT lo_unlink(oid) FROM pg_largeobject_metadata), or leave RESTORE_SCHEMAS empty.");
    }

    /// <summary>What the dump creates beside tables: in schemas that are not emptied, and in none, such as publications.</summary>
    private static async Task RequireNoOthersAsync(RestoreRequest request, DumpSummary dump, NpgsqlConnection connection, IReadOnlyList<string> schemas,
        string limit, CancellationToken cancellationToken)
    {
        var present = await connection.ListAsync(
            """
            select kind || ' ' || name
              from unnest(@kinds, @names) as created (kind, name) cross join lateral (select parse_ident(name) as part) as parts
             where part[1] <> all (@schemas) and case kind
                 when 'relation' then exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where array[n.nspname, c.relname]::text[] = part)
                 when 'type' then exists (select from pg_type t join pg_namespace n on n.oid = t.typnamespace where array[n.nspname, t.typname]::text[] = part)
                 when 'routine' then exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where array[n.nspname, p.proname]::text[] = part)
                 when 'event trigger' then exists (select from pg_event_trigger where evtname = part[1])
                 when 'publication' then exists (select from pg_publication where pubname = part[1])
                 when 'server' then exists (select from pg_foreign_server where srvname = part[1])
                 when 'foreign-data wrapper' then exists (select from pg_foreign_data_wrapper where fdwname = part[1])
                 when 'language' then exists (select from pg_language where lanname = part[1])
                 else false end
            """, cancellationToken, ("kinds", dump.Created.Select(created => created.Kind).ToArray()), ("names", dump.Created.Select(created => created.Name).ToArray()),
            ("schemas", schemas.ToArray()));
        if (present.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"The backup and '{request.Target.Display}' both have {string.Join(", ", present.Take(5))}{(present.Count > 5 ? $" and {present.Count - 5} more" : "")}; {limit}.",
                "add their schemas to RESTORE_SCHEMAS, or leave it empty for what lies in no schema; the mode swap (the default) restores beside them.");
    }

    /// <summary>With a part of the schemas, CASCADE must not reach into the others.</summary>
    private static async Task RequireScopeAsync(RestoreRequest request, NpgsqlConnection connection, IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        if (schemas.Count == 0) return;
        var others = await connection.ListAsync(CleanScript.OutOfScope(schemas), cancellationToken);
        if (others.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"Emptying {string.Join(", ", schemas)} (RESTORE_SCHEMAS) in '{request.Target.Display}' would drop what needs it elsewhere: {string.Join(", ", others.Take(5))}{(others.Count > 5 ? " and more" : "")}.",
                "add their schemas to RESTORE_SCHEMAS; the mode swap (the default) restores beside them.");
    }

    private static async Task RequireOwnershipAsync(RestoreRequest request, TargetFacts target, NpgsqlConnection connection, IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        var others = await connection.ListAsync(CleanScript.NotOwned(schemas), cancellationToken);
        if (others.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"'{target.Role}' can't drop what it doesn't own in '{request.Target.Display}': {string.Join(", ", others.Take(5))}{(others.Count > 5 ? " and more" : "")}.",
                "restore as the owner or a superuser; RESTORE_SCHEMAS limits what is dropped.");
    }

    /// <summary>One transaction drops what is there and creates what comes: each object dropped and each relation costs a lock until its end.</summary>
    private static async Task RequireLocksAsync(RestoreRequest request, DumpSource source, TargetFacts target, NpgsqlConnection connection,
        IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        const int locksPerTable = 4;
        await using var command = new NpgsqlCommand(CleanScript.LockCounts(schemas), connection);
        var present = (long[])(await command.ExecuteScalarAsync(cancellationToken))!;
        var coming = Math.Max(present[0], locksPerTable * (source.Manifest?.Tables.Count ?? 0));
        if (present.Sum() + coming > target.LockTable)
            throw new DeepSightException(FailureKind.Refused,
                $"A restore in one transaction would need about {present.Sum() + coming:N0} locks; the server of '{request.Target.Display}' has room for {target.LockTable:N0}.",
                "use the mode swap, which needs few; or raise max_locks_per_transaction and restart the server.");
    }

    private static async Task RequireAbsenceAsync(RestoreRequest request, IEnumerable<string> tables, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var there = await connection.ListAsync("select name from unnest(@names) as name where to_regclass(name) is not null",
            cancellationToken, ("names", tables.ToArray()));
        if (there.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"'{request.Target.Display}' already has tables of the backup: {string.Join(", ", there.Take(5))}{(there.Count > 5 ? $" and {there.Count - 5} more" : "")}.",
                "--clean drops what is there first, in the same transaction; the mode swap (the default) restores beside it and swaps.");
    }
}
