using System.Text.Json;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>A backup in a store, pinned to the content that was there when it was found.</summary>
internal sealed class StoredSource : DumpSource
{
    private const int BlockSize = 1 << 18;

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

    /// <summary>Hands the compressed dump on block by block, opened where it is sealed, and checks what is stored against the manifest.</summary>
    /// <param name="take">The memory is its own until its task ends.</param>
    /// <param name="progress">Is told how many stored bytes were read, or null.</param>
    /// <returns>SHA-256 of what is stored.</returns>
    /// <exception cref="DeepSightException">No identity opens it, or it is not what its manifest says (<see cref="FailureKind.Corrupt"/>).</exception>
    public async Task<string> ReadThroughAsync(Func<ReadOnlyMemory<byte>, CancellationToken, Task> take, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        await using var stored = await OpenAsync(cancellationToken);
        await using var hashed = new HashingStream(stored);
        await using var opened = IsSealed ? await SealedFile.OpenAsync(this, hashed, cancellationToken) : hashed;
        var buffer = new byte[BlockSize];
        while (await opened.ReadAtLeastAsync(buffer, BlockSize, throwOnEndOfStream: false, cancellationToken) is > 0 and var count)
        {
            await take(buffer.AsMemory(0, count), cancellationToken);
            progress?.Report(new DownloadProgress(hashed.BytesRead, StoredBytes));
        }

        var sha256 = await hashed.FinishAsync(cancellationToken);
        return Manifest is null || sha256 == Manifest.Sha256 ? sha256 : throw DumpFormats.Corrupt(this, $"its SHA-256 is {sha256}, the manifest says {Manifest.Sha256}");
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
