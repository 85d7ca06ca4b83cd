using DeepSight.Core.Age;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Blobs;
using DeepSight.Core.Storage.Local;
using DeepSight.Core.Storage.S3;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Catalog;

/// <summary>The stores that the settings name, which of them a job writes to, and what they hold together.</summary>
public sealed class BackupStores : IDisposable
{
    /// <summary>How far another machine's clock may be ahead, or a name that took the next free second.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    private readonly BackupSettings settings;
    private readonly S3Settings bucket;
    private readonly TimeProvider clock;
    private readonly string? ephemeralHost;
    private readonly Lazy<S3BackupStore?> s3;
    private readonly Lazy<AzureBackupStore?> azure;

    public BackupStores(BackupSettings settings, S3Settings bucket, AzureSettings container, TimeProvider clock, ILoggerFactory logs)
        : this(settings, bucket, container, clock, logs, EphemeralDisk.Host)
    {
    }

    /// <param name="ephemeralHost">What throws its disk away with the process: <c>Azure Functions</c>, <c>a container</c>; null for a machine.</param>
    internal BackupStores(BackupSettings settings, S3Settings bucket, AzureSettings container, TimeProvider clock, ILoggerFactory logs, string? ephemeralHost)
    {
        (this.settings, this.bucket, this.clock, this.ephemeralHost) = (settings, bucket, clock, ephemeralHost);
        Local = new LocalBackupStore(settings.Directory, clock);
        s3 = new(() => IsS3Configured ? new S3BackupStore(bucket, clock, logs.CreateLogger<S3BackupStore>()) : null);
        azure = new(() => container.IsConfigured ? new AzureBackupStore(container, clock, logs.CreateLogger<AzureBackupStore>()) : null);
    }

    public IBackupStore Local { get; }

    /// <summary>Null when neither keys are set nor <c>BACKUP_STORE=s3</c>.</summary>
    public IBackupStore? S3 => s3.Value;

    /// <summary>Null when neither <c>BACKUP_AZURE_ACCOUNT</c> nor <c>BACKUP_AZURE_CONNECTION</c> is set.</summary>
    public IBackupStore? Azure => azure.Value;

    /// <summary>S3 and Azure, as far as they are configured.</summary>
    public IReadOnlyList<IBackupStore> Remote => [.. new[] { S3, Azure }.OfType<IBackupStore>()];

    /// <summary>Those to list and to search, the remote ones first: they have what other machines wrote as well.</summary>
    public IReadOnlyList<IBackupStore> All => [.. Remote, Local];

    /// <summary>Those that jobs over all stores work on: beside remote ones the local directory only where there is one.</summary>
    public IReadOnlyList<IBackupStore> Kept => Remote.Count > 0 && !Directory.Exists(settings.Directory) ? Remote : All;

    private const string RemoteHint =
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or BACKUP_STORE=s3 to use the role or profile that the AWS SDK finds; or BACKUP_AZURE_ACCOUNT.";

    private IBackupStore? Of(BackupStoreChoice choice) => choice switch
    {
        BackupStoreChoice.S3 => S3,
        BackupStoreChoice.Azure => Azure,
        _ => Local,
    };

    private bool IsS3Configured => bucket.HasKeys || settings.Store == BackupStoreChoice.S3 || settings.StoreChoices.Contains(BackupStoreChoice.S3);

    /// <summary>Those of <c>BACKUP_STORES</c>, each of which should hold every backup; empty when it is not set.</summary>
    public IReadOnlyList<IBackupStore> Wanted => [.. settings.StoreChoices.Select(choice => Of(choice)!)];

    /// <summary>The store that an operator names: <c>s3</c>, <c>azure</c> or <c>local</c>.</summary>
    /// <exception cref="DeepSightException">It is not configured, or none has that name.</exception>
    public IBackupStore Named(string name) => EnumNames.Parse(typeof(BackupStoreChoice), name) is not (BackupStoreChoice and not BackupStoreChoice.Auto and var choice)
        ? throw new DeepSightException(FailureKind.InvalidInput, $"There is no store '{name}'.", "the stores are s3, azure and local.")
        : Of((BackupStoreChoice)choice) ?? throw new DeepSightException(FailureKind.InvalidInput, $"The store '{name}' is not configured.", RemoteHint);

    /// <summary>Where the command writes: <c>BACKUP_STORES</c>, or the local directory; and all remote stores as well with <paramref name="upload"/>.</summary>
    /// <exception cref="DeepSightException">A remote store is asked for and none is configured.</exception>
    public IReadOnlyList<IBackupStore> ForCommand(bool upload) => (upload, Wanted) switch
    {
        (false, []) => [Local],
        (false, var wanted) => wanted,
        (true, []) when Remote.Count > 0 => [Local, .. Remote],
        (true, var wanted) when Remote.Count > 0 => [.. wanted.Union(Remote)],
        _ => throw new DeepSightException(FailureKind.InvalidInput, "An upload is asked for, but neither S3 credentials nor an Azure account are set.", RemoteHint),
    };

    /// <summary>Where scheduled backups go: <c>BACKUP_STORES</c>; or <c>BACKUP_STORE</c>, and the local directory as well with <c>BACKUP_KEEP_LOCAL</c>.</summary>
    /// <exception cref="DeepSightException">Nobody chose the local directory and it would not outlive a restart.</exception>
    public IReadOnlyList<IBackupStore> ForSchedule()
    {
        if (Wanted is { Count: > 0 } wanted) return wanted;
        if ((settings.Store == BackupStoreChoice.Auto ? S3 ?? Azure : Of(settings.Store)) is { } remote && remote != Local)
            return settings.KeepLocal ? [remote, Local] : [remote];

        if (settings.Store == BackupStoreChoice.Auto && ephemeralHost is { } host && EphemeralDisk.Holds(Local.Location))
            throw new DeepSightException(FailureKind.Refused,
                $"Scheduled backups would go to '{Local.Location}', which {host} loses with the next restart: no S3 credentials and no Azure account are set.",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or BACKUP_AZURE_ACCOUNT, or BACKUP_DIR to a mounted volume; BACKUP_STORE=local insists on this directory.");
        return [Local];
    }

    /// <summary>Newest first. A store that can't be listed is reported beside what the others hold.</summary>
    public Task<(IReadOnlyList<StoredBackup> Backups, IReadOnlyList<DeepSightException> Failures)> ListAsync(CancellationToken cancellationToken) =>
        ListAsync(All, cancellationToken);

    /// <summary>The backup of this name.</summary>
    /// <exception cref="DeepSightException">No store holds it, or a store could not be listed.</exception>
    public async Task<StoredBackup> GetAsync(string name, CancellationToken cancellationToken)
    {
        var (backups, failures) = await ListAsync(cancellationToken);
        return backups.FirstOrDefault(backup => backup.Name.ToString() == name)
            ?? throw (failures.Count > 0 ? failures[0] : new DeepSightException(FailureKind.NothingToDo,
                $"There is no backup '{name}' in {string.Join(" or ", All.Select(store => store.Location))}.",
                "`deepsight list --all` shows every backup; the name is needed whole, with its ending."));
    }

    /// <summary>Pins or unpins the backup of this name, in every store that holds it.</summary>
    /// <exception cref="DeepSightException">No store holds it, a store could not be written, or retention is deleting it.</exception>
    public async Task<PinReport> PinAsync(string name, bool pin, CancellationToken cancellationToken)
    {
        var backup = await GetAsync(name, cancellationToken);
        foreach (var (catalog, entry) in backup.Places)
            await (pin ? catalog.PinAsync(entry.Name, cancellationToken) : catalog.UnpinAsync(entry.Name, cancellationToken));
        return new PinReport(name, pin, [.. backup.Places.Select(place => place.Catalog.Store.Location)]);
    }

    /// <summary>
    /// The newest good backup that was not taken before a restore; where none has a manifest, the newest of the old tool's. A date in
    /// the future is a wrong clock's, and is passed over.
    /// </summary>
    /// <exception cref="DeepSightException">There is none, or a store that might hold a newer one could not be listed.</exception>
    public async Task<StoredBackup> GetLatestAsync(CancellationToken cancellationToken)
    {
        var (backups, failures) = await ListAsync(cancellationToken);
        if (failures.Count > 0) throw failures[0];

        var latest = clock.GetUtcNow() + ClockSkew;
        var candidates = backups.Where(backup => !backup.Name.IsPreRestore && backup.Name.Time <= latest).ToList();
        return candidates.Find(backup => backup.IsGood) ?? candidates.Find(backup => backup.Places[0].Entry.StoredBytes > 0)
            ?? throw new DeepSightException(FailureKind.NothingToDo,
                $"There is no backup named '{settings.Name}' in {string.Join(" or ", All.Select(store => store.Location))}.",
                backups.FirstOrDefault(backup => backup.Name.Time > latest) is { } future
                    ? $"'{future.Name}' is dated in the future, and so never the latest; restore it by its name."
                    : "`deepsight backup` makes one; BACKUP_NAME, BACKUP_DIR and the settings of S3 and Azure say where they are looked for.");
    }

    /// <summary>The newest good backup in any store, if it is younger than <paramref name="age"/>; one from the future is not.</summary>
    public Task<StoredBackup?> FindYoungerThanAsync(TimeSpan age, CancellationToken cancellationToken) =>
        FindYoungerThanAsync(age, All, cancellationToken);

    /// <summary>The same among the backups in these stores alone.</summary>
    public async Task<StoredBackup?> FindYoungerThanAsync(TimeSpan age, IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (backups, _) = await ListAsync(stores, cancellationToken);
        return backups.FirstOrDefault(backup => backup.IsGood && !backup.Name.IsPreRestore && backup.Name.Time <= now && now - backup.Name.Time < age);
    }

    /// <summary>Whose backups may be restored.</summary>
    public TrustedKeys Trusted => settings.Trusted;

    /// <summary>What sealed backups are opened with.</summary>
    internal IReadOnlyList<AgeIdentity> Identities => settings.Identities;

    public BackupCatalog Catalog(IBackupStore store) => new(store, settings.Name, settings.Trusted, settings.Identities);

    public void Dispose()
    {
        if (s3.IsValueCreated) s3.Value?.Dispose();
        if (azure.IsValueCreated) azure.Value?.Dispose();
    }

    /// <summary>What each store holds, asked side by side; one that can't be listed says why.</summary>
    /// <param name="patience">How long each may take.</param>
    internal async Task<IReadOnlyList<StoreListing>> ListEachAsync(IReadOnlyList<IBackupStore> stores, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        return await Task.WhenAll(stores.Select(Catalog).Select(async catalog =>
        {
            try
            {
                return new StoreListing(catalog, await catalog.ListAsync(limit.Token), null);
            }
            catch (DeepSightException e)
            {
                return new StoreListing(catalog, [], e);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                return new StoreListing(catalog, [], new DeepSightException(FailureKind.Failed,
                    $"{catalog.Store.Location} did not answer within {patience.TotalSeconds:0} s.", "`deepsight doctor` tries it.", e));
            }
        }));
    }

    private async Task<(IReadOnlyList<StoredBackup> Backups, IReadOnlyList<DeepSightException> Failures)> ListAsync(
        IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken)
    {
        var listings = await ListEachAsync(stores, Timeout.InfiniteTimeSpan, cancellationToken);
        return (Join(listings), [.. listings.Select(listing => listing.Failure).OfType<DeepSightException>()]);
    }

    /// <summary>The backups of all these stores, newest first.</summary>
    internal IReadOnlyList<StoredBackup> Join(IReadOnlyList<StoreListing> listings)
    {
        var asked = listings.Where(listing => listing.Failure is null).Select(listing => listing.Catalog.Store).ToList();
        var wanted = Wanted;
        return
        [
            .. listings.SelectMany(listing => listing.Entries.Select(entry => (listing.Catalog, Entry: entry)))
                .GroupBy(place => place.Entry.Name)
                .Select(same => new StoredBackup(same.Key, [.. same])
                {
                    // What a store that can't be asked lacks, nobody knows; a backup before a restore belongs where it was made.
                    Lacking = same.Key.IsPreRestore ? [] : [.. wanted.Intersect(asked).Except(same.Where(place => place.Entry.IsGood || !place.Entry.HasManifest).Select(place => place.Catalog.Store))],
                })
                .OrderByDescending(backup => backup.Name.Time).ThenBy(backup => backup.Name.IsPreRestore),
        ];
    }
}

/// <summary>What one store holds.</summary>
/// <param name="Failure">Why there are no entries; null when there may be.</param>
internal sealed record StoreListing(BackupCatalog Catalog, IReadOnlyList<BackupEntry> Entries, DeepSightException? Failure);

/// <summary>What <c>pin --json</c> prints and <c>POST backups/{name}/pin</c> answers.</summary>
/// <param name="Locations">The stores that hold the backup.</param>
public sealed record PinReport(string Name, bool Pinned, IReadOnlyList<string> Locations);
