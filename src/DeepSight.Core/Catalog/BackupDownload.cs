using System.Security.Cryptography;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>Copies one backup into a directory, with its side files, and proves on the way that it is what its manifest says.</summary>
public sealed class BackupDownload(BackupStores stores)
{
    private const int BlockSize = 1 << 18;

    /// <summary>Nothing of it is there before all of it is; what is there already is never overwritten.</summary>
    /// <param name="name">As listed.</param>
    /// <param name="target">Where to.</param>
    /// <param name="progress">Is told how many bytes came, or null.</param>
    /// <exception cref="DeepSightException">
    /// There is no such backup, its content is not that of its manifest (<see cref="FailureKind.Corrupt"/>), or the target has a
    /// file of that name (<see cref="FailureKind.Refused"/>).
    /// </exception>
    public async Task<DownloadResult> RunAsync(string name, IBackupStore target, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var backup = await stores.GetAsync(name, cancellationToken);
        return await CopyAsync(backup, target, keepsPin: false, progress, cancellationToken);
    }

    /// <summary>The same of a backup that was listed, from another store than the target.</summary>
    /// <param name="keepsPin">A pinned one is pinned there as well.</param>
    public static async Task<DownloadResult> CopyAsync(StoredBackup backup, IBackupStore target, bool keepsPin, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var name = backup.Name.ToString();
        var others = backup.Places.Where(place => place.Catalog.Store != target).ToList();
        // In the target alone it can only be looked at again.
        if (others.Count == 0) others = [.. backup.Places];
        var (catalog, entry) = others.FirstOrDefault(place => place.Entry.IsGood, others[0]);
        if (entry.StoredBytes == 0)
            throw new DeepSightException(FailureKind.Corrupt, $"'{name}' in {catalog.Store.Location} is empty.", "there is nothing to download; `deepsight list` shows other backups.");

        var manifest = await catalog.ReadManifestAsync(entry.Name, cancellationToken);
        if (await target.FindAsync(name, cancellationToken) is not null)
        {
            var there = await ThereAlreadyAsync(entry, manifest, target, progress, cancellationToken);
            if (keepsPin) await CopySideFilesAsync(catalog, entry, manifest, target, keepsPin, cancellationToken);
            return there;
        }

        await using var upload = await target.BeginUploadAsync(name, cancellationToken);
        var sha256 = await ReadThroughAsync(catalog.Store, entry, upload.WriteAsync, progress, cancellationToken);
        if (manifest is not null && sha256 != manifest.Sha256) throw Corrupt(name, catalog.Store, sha256, manifest.Sha256);

        // The dump last: with its name the backup appears, whole.
        try
        {
            await CopySideFilesAsync(catalog, entry, manifest, target, keepsPin, cancellationToken);
            await upload.CompleteAsync(cancellationToken);
        }
        catch when (keepsPin)
        {
            await RemoveSideFilesAsync(entry.Name, target);
            throw;
        }

        // Left by a backup that this store dropped out of.
        if (keepsPin) await target.DeleteAsync([entry.Name.Pending], cancellationToken);
        if (upload.Shortfall is { } shortfall) throw shortfall;
        return new DownloadResult(name, catalog.Store.Location, entry.StoredBytes, sha256, IsVerified: manifest is not null, WasThere: false);
    }

    private static async Task CopySideFilesAsync(BackupCatalog catalog, BackupEntry entry, BackupManifest? manifest, IBackupStore target, bool keepsPin, CancellationToken cancellationToken)
    {
        foreach (var side in SideFiles(entry))
        {
            var content = await ReadAsync(catalog.Store, side, cancellationToken);
            if (side == entry.Name.Access && manifest?.AccessSha256 is { } expected && Hash(content) != expected)
                throw Corrupt(side, catalog.Store, Hash(content), expected);
            await target.ReplaceAsync(side, content, cancellationToken);
        }

        if (keepsPin && entry.IsPinned) await target.TryCreateAsync(entry.Name.Pinned, ReadOnlyMemory<byte>.Empty, cancellationToken);
    }

    /// <summary>Of a copy that failed; unless its dump arrived all the same.</summary>
    private static async Task RemoveSideFilesAsync(BackupName name, IBackupStore target)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            if (await target.FindAsync(name.ToString(), limit.Token) is null)
                await target.DeleteAsync([name.Manifest, name.Access, name.Verified, name.Pinned], limit.Token);
        }
        catch (Exception e) when (e is DeepSightException or OperationCanceledException)
        {
            // The store is likely what failed in the first place; retention names what is left, and the next copy replaces it.
        }
    }

    /// <summary>The dump of a sealed backup and its access file, opened, under its name without <c>.age</c>; the manifest is of the sealed one.</summary>
    /// <param name="name">As listed.</param>
    /// <param name="target">Where to; what is there already is never overwritten.</param>
    /// <param name="progress">Is told how many bytes came, or null.</param>
    /// <exception cref="DeepSightException">As <see cref="RunAsync"/>; no identity opens it (<see cref="FailureKind.Corrupt"/>), or it is not sealed.</exception>
    public async Task<DownloadResult> DecryptAsync(string name, IBackupStore target, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var backup = await stores.GetAsync(name, cancellationToken);
        if (!backup.Name.IsSealed) throw new DeepSightException(FailureKind.InvalidInput, $"'{name}' is not sealed.", "leave --decrypt out.");
        var (catalog, entry) = backup.Places.FirstOrDefault(place => place.Entry.IsGood, backup.Places[0]);
        var source = await StoredSource.FindAsync(catalog, entry, cancellationToken);
        var plain = entry.Name with { IsSealed = false };
        if (await target.FindAsync(plain.ToString(), cancellationToken) is not null)
            throw new DeepSightException(FailureKind.Refused, $"'{plain}' exists already in {target.Location}.", "nothing was overwritten; move that file away, or name another directory with --output.");

        await using var upload = await target.BeginUploadAsync(plain.ToString(), cancellationToken);
        var sha256 = await source.ReadThroughAsync(upload.WriteAsync, progress, cancellationToken);
        if (await source.ReadAccessAsync(cancellationToken) is { } access) await target.ReplaceAsync(plain.Access, access, cancellationToken);
        await upload.CompleteAsync(cancellationToken);
        return new DownloadResult(plain.ToString(), catalog.Store.Location, entry.StoredBytes, sha256, IsVerified: source.Manifest is not null, WasThere: false);
    }

    /// <summary>The very same content is no mistake; another file of that name is.</summary>
    private static async Task<DownloadResult> ThereAlreadyAsync(BackupEntry entry, BackupManifest? manifest, IBackupStore target,
        IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var sha256 = await ReadThroughAsync(target, entry, (_, _) => Task.CompletedTask, progress, cancellationToken);
        return sha256 == manifest?.Sha256
            ? new DownloadResult(entry.Name.ToString(), target.Location, entry.StoredBytes, sha256, IsVerified: true, WasThere: true)
            : throw new DeepSightException(FailureKind.Refused,
                $"'{entry.Name}' exists already in {target.Location}, and it is not what {(manifest is null ? "can be compared: the backup has no manifest" : "the manifest says")}.",
                "nothing was overwritten; move that file away, or name another directory with --output.");
    }

    /// <summary>Hands the dump on block by block and gives its hash.</summary>
    private static async Task<string> ReadThroughAsync(IBackupStore store, BackupEntry entry, Func<ReadOnlyMemory<byte>, CancellationToken, Task> take,
        IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var content = await store.OpenReadAsync(entry.Name.ToString(), 0, null, cancellationToken);
        var buffer = new byte[BlockSize];
        var done = 0L;
        while (await content.ReadAtLeastAsync(buffer, BlockSize, throwOnEndOfStream: false, cancellationToken) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            await take(buffer.AsMemory(0, count), cancellationToken);
            progress?.Report(new DownloadProgress(done += count, entry.StoredBytes));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static DeepSightException Corrupt(string name, IBackupStore source, string found, string expected) => new(FailureKind.Corrupt,
        $"'{name}' in {source.Location} is corrupt: its SHA-256 is {found}, the manifest says {expected}.",
        "the dump was not kept; take an earlier backup, or a copy of this one from another store: `deepsight list` shows them.");

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static IEnumerable<string> SideFiles(BackupEntry entry)
    {
        if (entry.HasAccess) yield return entry.Name.Access;
        if (entry.HasDrill) yield return entry.Name.Verified;
        if (entry.HasManifest) yield return entry.Name.Manifest;
    }

    private static async Task<byte[]> ReadAsync(IBackupStore source, string name, CancellationToken cancellationToken)
    {
        await using var content = await source.OpenReadAsync(name, 0, null, cancellationToken);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }
}

/// <summary>How far a running download is, in bytes.</summary>
public readonly record struct DownloadProgress(long Bytes, long TotalBytes);

/// <summary>What a download came to.</summary>
/// <param name="Source">The store that it was read from.</param>
/// <param name="Sha256">Of the dump as stored.</param>
/// <param name="IsVerified">The hash is that of the manifest; a backup of the old tool has none.</param>
/// <param name="WasThere">The same backup was there before, and nothing was read.</param>
public sealed record DownloadResult(string Name, string Source, long StoredBytes, string Sha256, bool IsVerified, bool WasThere);
