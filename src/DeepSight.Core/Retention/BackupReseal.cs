using System.Security.Cryptography;
using DeepSight.Core.Age;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>
/// Seals backups for the recipients of today, plain ones as well: each is read once, opened, sealed and written under a name of its
/// own to every store that holds it. Only when it is whole everywhere the old one goes, so that at no moment there is none.
/// </summary>
public sealed class BackupReseal(BackupStores stores, BackupSettings settings, RunHistory history, TimeProvider clock)
{
    /// <summary>In the place of a database's id in the pending marker: no backup takes it for one of its own that died.</summary>
    private const string Marker = "reseal";

    /// <summary>One backup, or all that are not sealed for just the recipients of today, the newest first. One that fails doesn't keep the others.</summary>
    /// <param name="name">Null: all that have a manifest.</param>
    /// <param name="progress">Is told how much of the present one was read, or null.</param>
    /// <exception cref="DeepSightException">No recipient is set, a store can't be listed, or there is no backup of that name.</exception>
    public async Task<ResealResult> RunAsync(string? name, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        if (settings.Recipients.Count == 0)
            throw new DeepSightException(FailureKind.InvalidInput, "For whom? No recipient is set.", "set BACKUP_AGE_RECIPIENTS; `deepsight key new` makes a key.");
        var (backups, failures) = await stores.ListAsync(cancellationToken);
        if (failures.Count > 0) throw failures[0];

        if (name is not null) await stores.GetAsync(name, cancellationToken);
        var all = await ReadAsync(backups.Where(backup => backup.IsGood || backup.Name.ToString() == name), cancellationToken);
        var (resealed, failed) = (new List<ResealedBackup>(), new List<FailedReseal>());
        foreach (var old in all.Where(known => (name is null || known.Backup.Name.ToString() == name) && (known.Manifest is null || !IsCurrent(known.Manifest))))
        {
            try
            {
                resealed.Add(await ReplaceAsync(old, all, progress, cancellationToken));
            }
            catch (DeepSightException e)
            {
                failed.Add(new FailedReseal(old.Backup.Name.ToString(), e));
            }
        }

        return new ResealResult(resealed, failed);
    }

    private bool IsCurrent(BackupManifest manifest) =>
        manifest.Recipients is { } recipients && recipients.ToHashSet().SetEquals(settings.Recipients.Select(recipient => recipient.Fingerprint));

    private static async Task<List<Known>> ReadAsync(IEnumerable<StoredBackup> backups, CancellationToken cancellationToken)
    {
        var known = new List<Known>();
        foreach (var backup in backups)
        {
            var (catalog, entry) = backup.Places.FirstOrDefault(place => place.Entry.IsGood, backup.Places[0]);
            try
            {
                known.Add(new Known(backup, catalog, entry, await catalog.ReadManifestAsync(entry.Name, cancellationToken)));
            }
            catch (DeepSightException e) when (e.Kind == FailureKind.Corrupt)
            {
                known.Add(new Known(backup, catalog, entry, null));
            }
        }

        return known;
    }

    private async Task<ResealedBackup> ReplaceAsync(Known old, List<Known> all, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        // Killed after the new one was whole and before the old one was gone.
        var places = old.Backup.Places.Select(place => place.Catalog.Store).ToList();
        var made = all.FirstOrDefault(other => other.Manifest is { } manifest && IsCurrent(manifest) && manifest.StartedAt == old.Manifest?.StartedAt
            && manifest.DatabaseId == old.Manifest.DatabaseId && places.TrueForAll(store => other.Backup.Places.Any(place => place.Catalog.Store == store && place.Entry.IsGood)));
        var name = made?.Backup.Name ?? await SealAsync(old, places, progress, cancellationToken);
        var kept = new List<string>();
        foreach (var store in places)
        {
            if (old.Backup.Places.Any(place => place.Catalog.Store == store && place.Entry.IsPinned)) await MovePinAsync(store, old.Backup.Name, name, cancellationToken);
            if (await BackupDeletion.OfReplacedAsync(store, old.Backup.Name, history, clock, cancellationToken) is { } why) kept.Add($"{store.Location}: {why}");
        }

        return new ResealedBackup(old.Backup.Name.ToString(), name.ToString(), [.. places.Select(store => store.Location)], kept);
    }

    /// <summary>The new one's first: a backup that somebody pinned is pinned at every moment.</summary>
    private async Task MovePinAsync(IBackupStore store, BackupName from, BackupName to, CancellationToken cancellationToken)
    {
        await stores.Catalog(store).PinAsync(to, cancellationToken);
        await stores.Catalog(store).UnpinAsync(from, cancellationToken);
    }

    private async Task<BackupName> SealAsync(Known old, List<IBackupStore> places, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var source = await StoredSource.FindAsync(old.Catalog, old.Entry, cancellationToken);
        if (source.Manifest is not { } manifest)
            throw new DeepSightException(FailureKind.Refused, $"'{source.Name}' has no manifest to check it against.", "it was made by the old tool; keep it as it is, or restore it and back up anew.");
        TrustedKeys.Require(source);
        if (manifest.Signature is not null && settings.Signing is null)
            throw new DeepSightException(FailureKind.Refused, $"'{source.Name}' is signed, and the new one would not be.", "set BACKUP_SIGNING_KEY.");
        await SealedFile.RequireIdentityAsync(source, cancellationToken);

        await using var upload = new BackupUpload(places, Marker, clock);
        await upload.BeginAsync(old.Backup.Name with { IsSealed = true }, cancellationToken);
        using var sealing = new AgeWriter(settings.Recipients, upload.WriteAsync);
        await source.ReadThroughAsync(sealing.WriteAsync, progress, cancellationToken);
        await sealing.CompleteAsync(cancellationToken);
        var sha256 = await upload.CompleteAsync(cancellationToken);
        var access = await source.ReadAccessAsync(cancellationToken) is { } plain ? await AgeWriter.SealAsync(plain, settings.Recipients, cancellationToken) : null;
        if (access is not null) await upload.AddAsync(upload.Name.Access, access, cancellationToken);
        if (upload.Failures is [var (_, failure), ..]) throw failure;

        var made = manifest with
        {
            Name = upload.Name.ToString(),
            StoredBytes = upload.StoredBytes,
            Sha256 = sha256,
            AccessSha256 = access is null ? null : Convert.ToHexStringLower(SHA256.HashData(access)),
            Recipients = [.. settings.Recipients.Select(recipient => recipient.Fingerprint)],
            Signature = null,
        };
        await upload.PublishAsync(settings.SealsManifest ? await SealedManifest.CloseAsync(made, settings.Recipients, cancellationToken) : made, settings.Signing, cancellationToken);
        return upload.Failures is [var (_, late), ..] ? throw late : upload.Name;
    }

    /// <param name="Manifest">Null when it has none that can be read.</param>
    private sealed record Known(StoredBackup Backup, BackupCatalog Catalog, BackupEntry Entry, BackupManifest? Manifest);
}

/// <summary>What was sealed anew, and what could not be.</summary>
public sealed record ResealResult(IReadOnlyList<ResealedBackup> Resealed, IReadOnlyList<FailedReseal> Failures);

/// <summary>A backup that is sealed for the recipients of today.</summary>
/// <param name="Was">The name of the old one.</param>
/// <param name="Locations">The stores that hold the new one.</param>
/// <param name="Kept">Where the old one had to stay, each with why; empty: it is gone.</param>
public sealed record ResealedBackup(string Was, string Name, IReadOnlyList<string> Locations, IReadOnlyList<string> Kept);

/// <summary>A backup that is as it was.</summary>
public sealed record FailedReseal(string Name, DeepSightException Failure);
