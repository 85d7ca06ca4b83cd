using DeepSight.Core.Dumps;
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

    /// <summary>Stores that hold it, but not as they were asked to: it is not locked there. Another attempt would end the same way.</summary>
    public IReadOnlyList<(IBackupStore Store, DeepSightException Failure)> Shortfalls { get; init; } = [];

    /// <summary>Why the backup is not everywhere, or not as it was asked for, and where it is; null when all is well.</summary>
    public DeepSightException? Failure => Failures.Concat(Shortfalls).ToList() is not [var (_, first), ..] problems ? null : new DeepSightException(FailureKind.Failed,
        string.Join(' ', problems.Select(failed => failed.Failure.Message)),
        $"{first.Hint} The backup is complete in {string.Join(" and ", Locations)}: {Manifest.Name}.".TrimStart(), first);

    /// <exception cref="DeepSightException">A store that was asked for does not hold the backup.</exception>
    public BackupResult ThrowIfIncomplete() => Failures.Count > 0 ? throw Failure! : this;
}
