using DeepSight.Core.Restore.Databases;
using DeepSight.Core.Restore.InPlace;
using DeepSight.Core.Restore.Sources;
using Npgsql;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>Whether a restore into the target itself can work.</summary>
internal static class InPlaceRules
{
    /// <exception cref="DeepSightException">It can't (<see cref="FailureKind.Refused"/>).</exception>
    public static async Task CheckAsync(RestoreRequest request, RestoreSource source, TargetFacts target, NpgsqlConnection connection,
        IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        if (request.Clean)
        {
            await RequireOwnershipAsync(request, target, connection, schemas, cancellationToken);
            await RequireLocksAsync(request, source, target, connection, schemas, cancellationToken);
        }
        else if (!request.TolerateErrors && source.Manifest is { } manifest)
        {
            await RequireAbsenceAsync(request, manifest.Tables.Select(table => table.Name), connection, cancellationToken);
        }
    }

    private static async Task RequireOwnershipAsync(RestoreRequest request, TargetFacts target, NpgsqlConnection connection, IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        var others = await connection.ListAsync(CleanScript.NotOwned(schemas), cancellationToken);
        if (others.Count > 0)
            throw new DeepSightException(FailureKind.Refused,
                $"'{target.Role}' can't drop what it doesn't own in '{request.Target.Display}': {string.Join(", ", others.Take(5))}{(others.Count > 5 ? " and more" : "")}.",
                "restore as the owner or a superuser; RESTORE_SCHEMAS limits what is dropped.");
    }

    /// <summary>One transaction drops what is there and creates what comes: each relation costs a lock until its end.</summary>
    private static async Task RequireLocksAsync(RestoreRequest request, RestoreSource source, TargetFacts target, NpgsqlConnection connection,
        IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        const int locksPerTable = 4;
        await using var command = new NpgsqlCommand(CleanScript.RelationCount(schemas), connection);
        var present = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        var coming = Math.Max(present, locksPerTable * (source.Manifest?.Tables.Count ?? 0));
        if (present + coming > target.LockTable)
            throw new DeepSightException(FailureKind.Refused,
                $"A restore in one transaction would need about {present + coming:N0} locks; the server of '{request.Target.Display}' has room for {target.LockTable:N0}.",
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
