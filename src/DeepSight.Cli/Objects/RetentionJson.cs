using DeepSight.Core.Retention;

namespace DeepSight.Cli.Objects;

/// <summary><c>retention</c>.</summary>
internal sealed record RetentionJson(bool DryRun, IReadOnlyList<RetentionJson.Store> Stores, IReadOnlyList<string> Databases, IReadOnlyList<RetentionJson.Failed> Failures)
{
    public static RetentionJson Of(RetentionResult result, bool dryRun) => new(dryRun, [.. result.Stores.Select(Store.Of)], result.Databases,
        [.. result.Failures.Select(failure => new Failed(failure.Message, failure.Hint))]);

    internal sealed record Failed(string Error, string? Hint);

    internal sealed record Decision(string Name, DateTimeOffset Time, long StoredBytes, bool Keep, IReadOnlyList<string> Reasons);

    internal sealed record Store(string Location, IReadOnlyList<Decision> Backups, IReadOnlyList<string> Deleted, long FreedBytes, int Runs,
        IReadOnlyList<string> Swept, IReadOnlyList<string> Orphans, IReadOnlyList<string> Warnings)
    {
        public static Store Of(StoreRetentionResult store) => new(store.Location,
            [.. store.Plan.Decisions.Select(decision => new Decision(decision.Backup.Name.ToString(), decision.Backup.Name.Time, decision.Backup.StoredBytes, decision.Keep, decision.Reasons))],
            store.Deleted, store.FreedBytes, store.Runs, store.Swept, store.Orphans, store.Warnings);
    }
}
