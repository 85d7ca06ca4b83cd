namespace DeepSight.Core.Retention;

/// <summary>What <c>retention --json</c> prints and <c>GET plan/retention</c> answers.</summary>
/// <param name="Databases">Databases of restores and drills that were dropped, or could not be, in words.</param>
/// <param name="Failures">A line for each store that could not be asked or cleared up.</param>
public sealed record RetentionReport(
    bool DryRun, IReadOnlyList<RetentionReport.Store> Stores, IReadOnlyList<string> Databases, IReadOnlyList<RetentionReport.Failed> Failures)
{
    public static RetentionReport Of(RetentionResult result, RetentionSettings rules, bool dryRun) => new(dryRun,
        [.. result.Stores.Select(store => Store.Of(store, rules))], result.Databases, [.. result.Failures.Select(failure => new Failed(failure.Message, failure.Hint))]);

    /// <summary>A store that could not be asked or cleared up.</summary>
    public sealed record Failed(string Error, string? Hint);

    /// <summary>What becomes of one backup.</summary>
    /// <param name="Reasons">Of a kept one every rule that names it.</param>
    /// <param name="Until">When its days end, while backups go on; another rule may keep it for longer. Null: days keep it no more, or a pin does.</param>
    public sealed record Decision(string Name, DateTimeOffset Time, long StoredBytes, bool Keep, IReadOnlyList<string> Reasons, DateTimeOffset? Until)
    {
        internal static Decision Of(RetentionDecision decision, RetentionSettings rules)
        {
            var backup = decision.Backup;
            var until = backup.Name.Time.AddDays(backup.Name.IsPreRestore ? rules.KeepPreRestoreDays : rules.KeepDays);
            var isYoung = decision.Keep && !backup.IsPinned && decision.Reasons.Any(reason => reason.Contains(RetentionReasons.Within, StringComparison.Ordinal));
            return new Decision(backup.Name.ToString(), backup.Name.Time, backup.StoredBytes, decision.Keep, decision.Reasons, isYoung ? until : null);
        }
    }

    /// <summary>What becomes of the backups of one store.</summary>
    public sealed record Store(string Location, IReadOnlyList<Decision> Backups, IReadOnlyList<string> Deleted, long FreedBytes, int Runs,
        IReadOnlyList<string> Swept, IReadOnlyList<string> Orphans, IReadOnlyList<string> Warnings)
    {
        internal static Store Of(StoreRetentionResult store, RetentionSettings rules) => new(store.Location,
            [.. store.Plan.Decisions.Select(decision => Decision.Of(decision, rules))],
            store.Deleted, store.FreedBytes, store.Runs, store.Swept, store.Orphans, store.Warnings);
    }
}
