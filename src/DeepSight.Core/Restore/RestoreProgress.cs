using DeepSight.Core.Backup;
using DeepSight.Core.Runs;

namespace DeepSight.Core.Restore;

/// <summary>How far a running restore is.</summary>
/// <param name="StoredBytes">Of the stored file, read so far in this phase.</param>
/// <param name="StoredTotal">Of the whole stored file; 0 in phases that read none.</param>
/// <param name="SqlBytes">Of SQL, read so far.</param>
/// <param name="Table">The table at hand, or null between tables.</param>
public readonly record struct RestoreProgress(RestorePhase Phase, long StoredBytes = 0, long StoredTotal = 0, long SqlBytes = 0, string? Table = null)
{
    /// <summary>The phase in words.</summary>
    public string PhaseName => Phase switch
    {
        RestorePhase.Checking => "reading the whole file",
        RestorePhase.BackingUp => "backing up what is there",
        RestorePhase.Loading => "loading",
        RestorePhase.Granting => "owners and grants",
        RestorePhase.Analyzing => "gathering statistics",
        RestorePhase.Comparing => "comparing with the backup",
        _ => "publishing",
    };

    internal RunProgress ForRecord =>
        new(PhaseName, Table, StoredBytes, SqlBytes, StoredTotal > 0 ? Math.Min(1, (double)StoredBytes / StoredTotal) : null);
}

/// <summary>What a restore is doing now.</summary>
public enum RestorePhase
{
    /// <summary>Reading the whole file before the target is opened.</summary>
    Checking,

    /// <summary>The pre-restore backup.</summary>
    BackingUp,

    Loading,

    /// <summary>Owners, grants and default privileges.</summary>
    Granting,

    /// <summary>Statistics for the planner.</summary>
    Analyzing,

    /// <summary>A dump of the restored database is compared with the backup's.</summary>
    Comparing,

    /// <summary>The new database takes the old one's place.</summary>
    Publishing,
}

/// <summary>The pre-restore backup's progress as that of the restore; reported at once, in order.</summary>
internal sealed class PreRestoreProgress(IProgress<RestoreProgress>? restore) : IProgress<BackupProgress>
{
    public void Report(BackupProgress value) =>
        restore?.Report(new RestoreProgress(RestorePhase.BackingUp, value.StoredBytes, 0, value.SqlBytes, value.Table));
}
