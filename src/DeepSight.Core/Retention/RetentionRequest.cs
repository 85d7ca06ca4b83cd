using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>Which stores to clear up, and how.</summary>
/// <param name="Trigger">For the run record: <c>command</c>, <c>timer</c>, <c>http</c>.</param>
/// <param name="Force">Also follows a plan that leaves next to nothing.</param>
/// <param name="DryRun">Only plans: nothing is written, not even a record.</param>
public sealed record RetentionRequest(IReadOnlyList<IBackupStore> Stores, string Trigger, bool Force, bool DryRun);
