using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;

namespace DeepSight.Core.Restore.Preflight;

/// <summary>Whether the target can be swapped for another database; if not, why, and which mode can.</summary>
internal static class SwapRules
{
    /// <exception cref="DeepSightException">It can't (<see cref="FailureKind.Refused"/>): all reasons at once.</exception>
    public static void Check(RestoreRequest request, TargetFacts target, JobLock? jobLock) => Check(request.Target, target, jobLock, request.DropReplication,
        "--mode in-place --clean restores into the database itself, in one transaction; --mode into --into NAME puts the backup beside it.",
        "--drop-replication swaps all the same and drops them; --mode in-place --clean keeps them.");

    /// <exception cref="DeepSightException">It can't be swapped back (<see cref="FailureKind.Refused"/>).</exception>
    public static void Check(UndoRequest request, TargetFacts target, JobLock? jobLock) => Check(request.Target, target, jobLock, request.DropReplication,
        "undo as a role that can; or restore the backup that was taken before: `deepsight list` shows it.",
        "--drop-replication undoes it all the same and drops them.");

    private static void Check(DatabaseUrl database, TargetFacts target, JobLock? jobLock, bool dropReplication, string otherwise, string dropped)
    {
        var reasons = Reasons(database, target, jobLock).ToList();
        if (reasons.Count > 0)
            throw new DeepSightException(FailureKind.Refused, $"'{database.Display}' can't be swapped for another database: {string.Join("; ", reasons)}.", otherwise);

        var ties = Ties(target).ToList();
        if (ties.Count > 0 && !dropReplication)
            throw new DeepSightException(FailureKind.Refused, $"Swapping '{database.Display}' would cut off what is tied to it: {string.Join("; ", ties)}.", dropped);
    }

    private static IEnumerable<string> Reasons(DatabaseUrl database, TargetFacts target, JobLock? jobLock)
    {
        if (database.Database is JobLock.MaintenanceDatabase) yield return "it is the maintenance database itself";
        else if (jobLock is { SurvivesSwap: false }) yield return $"the database '{JobLock.MaintenanceDatabase}', from which databases are renamed, can't be reached";
        if (!target.MayCreateDatabases) yield return $"the role '{target.Role}' may not create databases (ALTER ROLE {target.Role} CREATEDB)";
        if (!target.IsOwner) yield return $"it belongs to '{target.Owner}', not to '{target.Role}'";
        if (target.UntouchableSessions.Count > 0) yield return $"sessions of {string.Join(", ", target.UntouchableSessions)} are connected, which '{target.Role}' may not end";
        if (target.PreparedTransactions > 0) yield return $"{target.PreparedTransactions} prepared transactions are open in it";
    }

    /// <summary>What belongs to the database that is swapped away, and would go on belonging to it.</summary>
    private static IEnumerable<string> Ties(TargetFacts target)
    {
        if (target.Slots.Count > 0) yield return "replication slots " + string.Join(", ", target.Slots);
        if (target.Subscriptions.Count > 0) yield return "subscriptions " + string.Join(", ", target.Subscriptions);
        if (target.SingleDatabaseExtensions.Count > 0) yield return string.Join(", ", target.SingleDatabaseExtensions) + ", which serves one database of a server";
    }
}
