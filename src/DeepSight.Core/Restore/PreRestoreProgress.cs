using DeepSight.Core.Backup;

namespace DeepSight.Core.Restore;

/// <summary>The pre-restore backup's progress as that of the restore; reported at once, in order.</summary>
internal sealed class PreRestoreProgress(IProgress<RestoreProgress>? restore) : IProgress<BackupProgress>
{
    public void Report(BackupProgress value) =>
        restore?.Report(new RestoreProgress(RestorePhase.BackingUp, value.StoredBytes, 0, value.SqlBytes, value.Table));
}
