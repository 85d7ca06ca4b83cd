using DeepSight.Core.Storage;

namespace DeepSight.Core.Backup;

/// <summary>What a backup came to.</summary>
/// <param name="Locations">Of the stores that hold it.</param>
/// <param name="Failures">Stores that were asked for and don't hold it, each with why. The others do.</param>
public sealed record BackupResult(BackupManifest Manifest, IReadOnlyList<string> Locations,
    IReadOnlyList<(IBackupStore Store, DeepSightException Failure)> Failures)
{
    /// <summary>What is not as it could be, and does not make the backup a worse one.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
