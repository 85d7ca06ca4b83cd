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

    /// <summary>Why the backup is not everywhere it was asked for, and where it is; null when it is.</summary>
    public DeepSightException? Failure => Failures is not [var (_, first), ..] ? null : new DeepSightException(FailureKind.Failed,
        string.Join(' ', Failures.Select(failed => failed.Failure.Message)),
        $"{first.Hint} The backup is complete in {string.Join(" and ", Locations)}: {Manifest.Name}.".TrimStart(), first);

    /// <exception cref="DeepSightException">A store that was asked for does not hold the backup.</exception>
    public BackupResult ThrowIfIncomplete() => Failure is { } failure ? throw failure : this;
}
