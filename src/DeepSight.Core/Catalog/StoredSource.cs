using System.Text.Json;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>A backup in a store, pinned to the content that was there when it was found.</summary>
internal sealed class StoredSource : DumpSource
{
    private readonly BackupName name;
    private readonly StoredObject pinned;

    private StoredSource(BackupCatalog catalog, BackupName name, StoredObject pinned)
    {
        (Store, this.name, this.pinned) = (catalog.Store, name, pinned);
    }

    public IBackupStore Store { get; }

    public override string Name => name.ToString();

    public override string Location => Store.Location;

    public override long StoredBytes => pinned.Size;

    /// <exception cref="DeepSightException">It is gone, in an archive, or its manifest can't be read.</exception>
    public static async Task<StoredSource> FindAsync(BackupCatalog catalog, BackupEntry entry, CancellationToken cancellationToken)
    {
        var pinned = await catalog.Store.FindAsync(entry.Name.ToString(), cancellationToken)
            ?? throw new DeepSightException(FailureKind.NothingToDo, $"'{entry.Name}' is no longer in {catalog.Store.Location}.", "`deepsight list` shows what is there.");
        if (pinned.Archived is { } archived) throw archived;
        var manifest = await catalog.ReadManifestAsync(entry.Name, cancellationToken);
        return new StoredSource(catalog, entry.Name, pinned)
        {
            Manifest = manifest,
            Identities = catalog.Identities,
            Untrusted = manifest is null ? catalog.Trusted.WhyNot() : manifest.Untrusted,
            TakenAt = manifest?.StartedAt ?? entry.Name.Time,
            ProvenAt = entry.HasDrill ? await ReadDrillAsync(catalog.Store, entry.Name, cancellationToken) : null,
        };
    }

    public override Task<Stream> OpenAsync(CancellationToken cancellationToken) => Store.OpenReadAsync(Name, 0, pinned.Version, cancellationToken);

    public override async Task<Stream?> OpenAccessAsync(CancellationToken cancellationToken)
    {
        if (await Store.FindAsync(name.Access, cancellationToken) is null) return null;
        await using var content = await Store.OpenReadAsync(name.Access, 0, null, cancellationToken);
        return await CheckedAsync(content, cancellationToken);
    }

    /// <summary>When a drill restored it with success; null when the latest one failed.</summary>
    private static async Task<DateTimeOffset?> ReadDrillAsync(IBackupStore store, BackupName name, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenReadAsync(name.Verified, 0, null, cancellationToken);
        try
        {
            var drill = await Json.ReadAsync<JsonElement>(content, cancellationToken);
            var passed = drill.ValueKind == JsonValueKind.Object && (!drill.TryGetProperty("succeeded", out var succeeded) || succeeded.ValueKind == JsonValueKind.True);
            return passed && drill.TryGetProperty("finished_at", out var at) && at.ValueKind == JsonValueKind.String && at.TryGetDateTimeOffset(out var time) ? time : null;
        }
        catch (JsonException)
        {
            // A drill's file that can't be read proves nothing; it is only shown.
            return null;
        }
    }
}
