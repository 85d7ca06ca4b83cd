using DeepSight.Core.Backup;
using DeepSight.Core.Dumps;

namespace DeepSight.Cli.Objects;

/// <summary><c>backup</c>.</summary>
internal sealed record BackupJson(BackupManifest Manifest, IReadOnlyList<string> Locations, IReadOnlyList<BackupJson.FailedStore> Failures)
{
    public static BackupJson Of(BackupResult result) => new(result.Manifest, result.Locations,
        [.. result.Failures.Concat(result.Shortfalls).Select(failed => new FailedStore(failed.Store.Location, failed.Failure.Message, failed.Failure.Hint))]);

    internal sealed record FailedStore(string Store, string Error, string? Hint);
}
