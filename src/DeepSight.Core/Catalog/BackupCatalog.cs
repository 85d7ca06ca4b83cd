using System.Runtime.CompilerServices;
using System.Text.Json;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>
/// The backups of one stem in one Store. What is listed follows from the names of one listing alone: a dump with a
/// pending or a deleting marker is never listed, names that don't match exactly are passed over.
/// </summary>
public sealed class BackupCatalog(IBackupStore store, string stem, TrustedKeys? trusted = null, IReadOnlyList<AgeIdentity>? identities = null)
{
    public TrustedKeys Trusted { get; } = trusted ?? TrustedKeys.None;

    /// <summary>What sealed backups are opened with.</summary>
    internal IReadOnlyList<AgeIdentity> Identities { get; } = identities ?? [];

    public IBackupStore Store { get; } = store;

    /// <summary>Newest first; of one second, scheduled and manual ones before pre-restore ones.</summary>
    public async Task<IReadOnlyList<BackupEntry>> ListAsync(CancellationToken cancellationToken) =>
        EntriesOf(await FilesAsync(Store, stem, cancellationToken).ToListAsync(cancellationToken));

    /// <summary>All that could be a backup's of this stem, or lie beside one.</summary>
    internal static async IAsyncEnumerable<StoredObject> FilesAsync(IBackupStore store, string stem, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var prefix in new[] { stem + "_", BackupName.PreRestoreFolder + stem + "_" })
            await foreach (var file in store.ListAsync(prefix, cancellationToken))
                yield return file;
    }

    /// <summary>As <see cref="ListAsync"/>, of a listing that is there already.</summary>
    internal IReadOnlyList<BackupEntry> EntriesOf(IEnumerable<StoredObject> files)
    {
        var sizes = files.ToDictionary(file => file.Name, file => file.Size, StringComparer.Ordinal);
        return
        [
            .. from pair in sizes
               let name = BackupName.TryParse(pair.Key, stem)
               where name is not null && !sizes.ContainsKey(name.Pending) && !sizes.ContainsKey(name.Deleting)
               orderby name.Time descending, name.IsPreRestore
               select new BackupEntry(name, pair.Value,
                   HasManifest: sizes.ContainsKey(name.Manifest),
                   HasAccess: sizes.ContainsKey(name.Access),
                   HasDrill: sizes.ContainsKey(name.Verified),
                   IsPinned: sizes.ContainsKey(name.Pinned)),
        ];
    }

    /// <summary>
    /// The newest scheduled or manual backup with a manifest; where there is none at all, the newest of the old tool's files,
    /// which only reading them can prove; an empty one is none. Null when there is neither.
    /// </summary>
    public async Task<BackupEntry?> FindLatestAsync(CancellationToken cancellationToken) => LatestOf(await ListAsync(cancellationToken));

    internal static BackupEntry? LatestOf(IEnumerable<BackupEntry> entries)
    {
        var candidates = entries.Where(entry => !entry.Name.IsPreRestore).ToList();
        return candidates.Find(entry => entry.IsGood) ?? candidates.Find(entry => entry.StoredBytes > 0);
    }

    /// <summary>The manifest, or null when the backup has none.</summary>
    /// <exception cref="DeepSightException">The manifest is not JSON of a version known here.</exception>
    public async Task<BackupManifest?> ReadManifestAsync(BackupName name, CancellationToken cancellationToken)
    {
        if (await Store.FindAsync(name.Manifest, cancellationToken) is null) return null;

        await using var content = await Store.OpenReadAsync(name.Manifest, 0, null, cancellationToken);
        try
        {
            return await ManifestFile.ReadAsync(content, name.ToString(), Trusted, Identities, cancellationToken);
        }
        catch (JsonException e)
        {
            throw Unreadable(e);
        }

        DeepSightException Unreadable(Exception inner) => new(FailureKind.Corrupt,
            $"The manifest '{name.Manifest}' in {Store.Location} can't be read.",
            "it was written by a newer version, or altered; the dump itself can still be restored by hand: docs/recovery.md.", inner);
    }

    /// <exception cref="DeepSightException">Retention has begun to delete it (<see cref="FailureKind.NothingToDo"/>).</exception>
    public async Task PinAsync(BackupName name, CancellationToken cancellationToken)
    {
        await Store.TryCreateAsync(name.Pinned, ReadOnlyMemory<byte>.Empty, cancellationToken);

        // Retention marks and then looks for pins, so one of the two sees the other.
        if (await Store.FindAsync(name.Deleting, cancellationToken) is null && await Store.FindAsync(name.ToString(), cancellationToken) is not null) return;
        throw new DeepSightException(FailureKind.NothingToDo, $"'{name}' is being deleted from {Store.Location} by retention.",
            "`deepsight list` shows whether the pin still came in time.");
    }

    public Task UnpinAsync(BackupName name, CancellationToken cancellationToken) =>
        Store.DeleteAsync([name.Pinned], cancellationToken);
}
