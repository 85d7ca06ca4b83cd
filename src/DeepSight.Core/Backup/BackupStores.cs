using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Local;

namespace DeepSight.Core.Backup;

/// <summary>The stores that the settings name, and what they hold together.</summary>
public sealed class BackupStores(DeepSightSettings settings, TimeProvider clock)
{
    public IBackupStore Local { get; } = new LocalBackupStore(settings.Backup.Directory, clock);

    public IReadOnlyList<IBackupStore> All => [Local];

    /// <summary>Newest first. A store that can't be listed is reported beside what the others hold.</summary>
    public async Task<(IReadOnlyList<StoredBackup> Backups, IReadOnlyList<DeepSightException> Failures)> ListAsync(CancellationToken cancellationToken)
    {
        var failures = new List<DeepSightException>();
        var places = new List<(BackupCatalog Catalog, BackupEntry Entry)>();
        foreach (var catalog in All.Select(Catalog))
        {
            try
            {
                places.AddRange((await catalog.ListAsync(cancellationToken)).Select(entry => (catalog, entry)));
            }
            catch (DeepSightException e)
            {
                failures.Add(e);
            }
        }

        var backups = places.GroupBy(place => place.Entry.Name)
            .Select(same => new StoredBackup(same.Key, [.. same]))
            .OrderByDescending(backup => backup.Name.Time).ThenBy(backup => backup.Name.IsPreRestore);
        return ([.. backups], failures);
    }

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

    /// <summary>The newest good backup, if it is younger than <paramref name="age"/>; one from the future is not.</summary>
    public async Task<StoredBackup?> FindYoungerThanAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (backups, _) = await ListAsync(cancellationToken);
        return backups.FirstOrDefault(backup => backup.IsGood && !backup.Name.IsPreRestore && backup.Name.Time <= now && now - backup.Name.Time < age);
    }

    /// <summary>The newest good backup that was not taken before a restore; where none has a manifest, the newest of the old tool's.</summary>
    /// <exception cref="DeepSightException">There is none, or a store that might hold a newer one could not be listed.</exception>
    public async Task<StoredBackup> GetLatestAsync(CancellationToken cancellationToken)
    {
        var (backups, failures) = await ListAsync(cancellationToken);
        if (failures.Count > 0) throw failures[0];

        var candidates = backups.Where(backup => !backup.Name.IsPreRestore).ToList();
        return candidates.Find(backup => backup.IsGood) ?? candidates.FirstOrDefault()
            ?? throw new DeepSightException(FailureKind.NothingToDo,
                $"There is no backup named '{settings.Backup.Name}' in {string.Join(" or ", All.Select(store => store.Location))}.",
                "`deepsight backup` makes one; BACKUP_NAME, BACKUP_DIR and the S3 settings say where they are looked for.");
    }

    public BackupCatalog Catalog(IBackupStore store) => new(store, settings.Backup.Name);
}
