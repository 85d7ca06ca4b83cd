using DeepSight.Core.Dumps;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Catalog;

/// <summary>One backup as lists show it, with what its manifest says.</summary>
/// <param name="Rows">Null for the old tool's backups, which count none, and where a sealed manifest hides them.</param>
/// <param name="Kind">As <see cref="BackupKind"/>, or <c>old tool</c> without a manifest, <c>unreadable</c> with a damaged one.</param>
/// <param name="Where"><c>S3</c>, <c>Azure</c>, <c>local</c>.</param>
/// <param name="Lacks">Stores of <c>BACKUP_STORES</c> that don't hold it.</param>
/// <param name="Good">Whole by its manifest.</param>
/// <param name="VerifiedAt">When it was last restored in a drill; null: never.</param>
/// <param name="RestoreSeconds">How long the restore of that drill took.</param>
/// <param name="Untrusted">Why a restore would refuse it; null when one of RESTORE_TRUSTED_KEYS signed it, or none is set.</param>
/// <param name="Seconds">How long the backup took; null where no manifest tells.</param>
public sealed record BackupDetails(string Name, DateTimeOffset Time, long StoredBytes, long? Rows, string Kind,
    IReadOnlyList<string> Where, IReadOnlyList<string> Lacks, bool Good, bool Pinned, DateTimeOffset? VerifiedAt, double? RestoreSeconds, string? Untrusted, double? Seconds)
{
    private const int ManifestsAtOnce = 16;

    public static async Task<IReadOnlyList<BackupDetails>> ReadAsync(IReadOnlyList<StoredBackup> backups, CancellationToken cancellationToken)
    {
        var details = new BackupDetails[backups.Count];
        await Parallel.ForAsync(0, backups.Count, new ParallelOptions { MaxDegreeOfParallelism = ManifestsAtOnce, CancellationToken = cancellationToken },
            async (i, token) => details[i] = await ReadAsync(backups[i], token));
        return details;
    }

    private static async Task<BackupDetails> ReadAsync(StoredBackup backup, CancellationToken cancellationToken)
    {
        var (catalog, entry) = backup.Places.FirstOrDefault(place => place.Entry.IsGood, backup.Places[0]);
        var (manifest, kind) = await TryReadAsync(catalog, entry, cancellationToken);
        var proven = backup.Places.FirstOrDefault(place => place.Entry.HasDrill, backup.Places[0]);
        var drill = await DrillResult.FindAsync(proven.Catalog, proven.Entry, cancellationToken);
        return new BackupDetails(
            entry.Name.ToString(),
            entry.Name.Time,
            entry.StoredBytes,
            manifest?.Rows,
            kind,
            [.. backup.Places.Select(place => place.Catalog.Store.Kind)],
            [.. backup.Lacking.Select(store => store.Kind)],
            Good: manifest is not null && manifest.StoredBytes == entry.StoredBytes,
            Pinned: backup.Places.Any(place => place.Entry.IsPinned),
            VerifiedAt: drill?.FinishedAt,
            RestoreSeconds: drill?.RestoreSeconds,
            Untrusted: manifest is null ? catalog.Trusted.WhyNot() : manifest.Untrusted,
            Seconds: manifest is null ? null : Math.Round((manifest.FinishedAt - manifest.StartedAt).TotalSeconds, 1));
    }

    /// <summary>One damaged manifest must not hide all the others.</summary>
    private static async Task<(BackupManifest? Manifest, string Kind)> TryReadAsync(BackupCatalog catalog, BackupEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await catalog.ReadManifestAsync(entry.Name, cancellationToken);
            return (manifest, manifest is null ? "old tool" : EnumNames.Of(manifest.Kind));
        }
        catch (DeepSightException e) when (e.Kind == FailureKind.Corrupt)
        {
            return (null, "unreadable");
        }
    }
}

/// <summary>What <c>list --json</c> prints and <c>GET backups</c> answers.</summary>
/// <param name="Backups">Newest first.</param>
/// <param name="Total">How many there are, shown or not.</param>
/// <param name="Failures">A line for each store that could not be asked.</param>
public sealed record BackupPage(IReadOnlyList<BackupDetails> Backups, int Total, IReadOnlyList<string> Failures);
