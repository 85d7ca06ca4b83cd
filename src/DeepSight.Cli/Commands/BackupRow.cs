using DeepSight.Cli.Output;
using DeepSight.Core.Backup;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage.Local;
using DeepSight.Core.Verification;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary>One line of <c>deepsight list</c>.</summary>
internal sealed record BackupRow(string Name, DateTimeOffset Time, long StoredBytes, long? Rows, string Kind,
    IReadOnlyList<string> Where, bool Good, bool Pinned, DateTimeOffset? VerifiedAt, double? RestoreSeconds)
{
    public static async Task<BackupRow> ReadAsync(StoredBackup backup, CancellationToken cancellationToken)
    {
        var (catalog, entry) = backup.Places.FirstOrDefault(place => place.Entry.HasManifest, backup.Places[0]);
        var manifest = await catalog.ReadManifestAsync(entry.Name, cancellationToken);
        var proven = backup.Places.FirstOrDefault(place => place.Entry.HasDrill);
        var drill = proven.Entry is null ? null : await DrillResult.FindAsync(proven.Catalog, proven.Entry, cancellationToken);
        return new BackupRow(
            entry.Name.ToString(),
            entry.Name.Time,
            entry.StoredBytes,
            manifest?.Rows,
            manifest is null ? "old tool" : EnumNames.Of(manifest.Kind),
            [.. backup.Places.Select(place => place.Catalog.Store is LocalBackupStore ? "local" : "S3")],
            Good: manifest is not null && manifest.StoredBytes == entry.StoredBytes,
            Pinned: backup.Places.Any(place => place.Entry.IsPinned),
            VerifiedAt: drill?.FinishedAt,
            RestoreSeconds: drill?.RestoreSeconds);
    }

    public Text Proof(DateTimeOffset now)
    {
        var pinned = Pinned ? ", pinned" : "";
        if (VerifiedAt is { } time) return new Text($"restored {Ago(now - time)}{Took()}{pinned}", new Style(Color.Green));
        return Good ? new Text("whole, not yet restored" + pinned) : new Text("unverified" + pinned, new Style(Color.Yellow));
    }

    private static string Ago(TimeSpan age) => age < TimeSpan.FromMinutes(1) ? "just now" : Human.Age(age) + " ago";

    private string Took() => RestoreSeconds is { } seconds ? $" ({Human.Duration(TimeSpan.FromSeconds(seconds))})" : "";
}
