using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Backup;

/// <summary>What to back up, where to and why.</summary>
/// <param name="Stores">At least one; all get the same dump. One that fails drops out; the others get the backup.</param>
/// <param name="Trigger">For the run record: <c>command</c>, <c>timer</c>, <c>queue</c>, <c>http</c>.</param>
public sealed record BackupRequest(DatabaseUrl Database, BackupKind Kind, IReadOnlyList<IBackupStore> Stores, string Trigger)
{
    /// <summary>Is told once, before anything is dumped; or null.</summary>
    public Action<BackupStart>? Starting { get; init; }

    /// <summary>The lock of the job that this backup is part of; null takes one.</summary>
    public JobLock? Under { get; init; }
}
