using DeepSight.Core.Storage;

namespace DeepSight.Core.Backup;

/// <summary>What a backup came to.</summary>
/// <param name="Locations">Of the stores that hold it.</param>
/// <param name="Failures">Stores that were asked for and don't hold it, each with why. The others do.</param>
public sealed record BackupResult(BackupManifest Manifest, IReadOnlyList<string> Locations,
    IReadOnlyList<(IBackupStore Store, DeepSightException Failure)> Failures)
{
    /// <summary>Worth knowing, and no failure: what an interrupted restore had left behind.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
