using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>Brings a store up to date from the others, each backup checked against its manifest on the way.</summary>
public sealed class BackupCopy(BackupStores stores)
{
    /// <summary>One backup, or all that <paramref name="targets"/> lack, the newest first. One that fails doesn't keep the others from being copied.</summary>
    /// <param name="name">Null: all good ones, but for those taken before a restore, which belong where they were made.</param>
    /// <param name="targets">Where to.</param>
    /// <param name="progress">Is told how much of the present one came, or null.</param>
    /// <exception cref="DeepSightException">There is no backup of that name, or a store can't be listed: what it lacks is not known.</exception>
    public async Task<CopyResult> RunAsync(string? name, IReadOnlyList<IBackupStore> targets, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var (copies, failures) = (new List<CopiedBackup>(), new List<FailedCopy>());
        foreach (var (backup, target) in await PlanAsync(name, targets, cancellationToken))
        {
            try
            {
                copies.Add(new CopiedBackup(target, await BackupDownload.CopyAsync(backup, target, keepsPin: true, progress, cancellationToken)));
            }
            catch (DeepSightException e)
            {
                failures.Add(new FailedCopy(backup.Name.ToString(), target, e));
            }
        }

        return new CopyResult(copies, failures);
    }

    private async Task<IReadOnlyList<(StoredBackup Backup, IBackupStore Target)>> PlanAsync(string? name, IReadOnlyList<IBackupStore> targets, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            var one = await stores.GetAsync(name, cancellationToken);
            return [.. targets.Select(target => (one, target))];
        }

        var (backups, failures) = await stores.ListAsync(cancellationToken);
        if (failures.Count > 0) throw failures[0];
        return
        [
            .. from backup in backups
               where backup.IsGood && !backup.Name.IsPreRestore
               from target in targets
               where !backup.Places.Any(place => place.Catalog.Store == target && place.Entry.IsGood)
               select (backup, target),
        ];
    }
}

/// <summary>What was copied, and what could not be.</summary>
public sealed record CopyResult(IReadOnlyList<CopiedBackup> Copies, IReadOnlyList<FailedCopy> Failures);

/// <summary>A backup that is in the target now.</summary>
public sealed record CopiedBackup(IBackupStore Target, DownloadResult Result);

/// <summary>A backup that the target still lacks.</summary>
public sealed record FailedCopy(string Name, IBackupStore Target, DeepSightException Failure);
