using DeepSight.Core.Storage;

namespace DeepSight.Core.Backup;

/// <summary>
/// Clears up after backups whose process died: markers, temporary files, uploads in parts. What is alive keeps its marker
/// young (see <see cref="BackupUpload"/>), and its parts and files as well.
/// </summary>
public static class UnfinishedBackups
{
    /// <summary>No job of ours leaves its work untouched for so long.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    /// <summary>
    /// Removes the unfinished backups of a stem that nobody has touched since then. One that lacks nothing but the removal of
    /// its marker is published instead.
    /// </summary>
    /// <returns>What was done, for people.</returns>
    public static async Task<IReadOnlyList<string>> SweepAsync(IBackupStore store, string stem, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        var done = new List<string>();
        foreach (var prefix in new[] { stem + "_", BackupName.PreRestoreFolder + stem + "_" })
            foreach (var marker in await FindMarkersAsync(store, prefix, untouchedSince, cancellationToken))
                if (BackupName.TryParse(marker[..^BackupName.PendingSuffix.Length], stem) is { } name)
                    done.Add(await FinishOrRemoveAsync(store, name, cancellationToken));

        done.AddRange(await store.SweepUnfinishedAsync(untouchedSince, cancellationToken));
        return done;
    }

    private static async Task<List<string>> FindMarkersAsync(IBackupStore store, string prefix, DateTimeOffset untouchedSince, CancellationToken cancellationToken) =>
        await store.ListAsync(prefix, cancellationToken)
            .Where(item => item.Name.EndsWith(BackupName.PendingSuffix, StringComparison.Ordinal) && item.LastModified < untouchedSince)
            .Select(item => item.Name)
            .ToListAsync(cancellationToken);

    private static async Task<string> FinishOrRemoveAsync(IBackupStore store, BackupName name, CancellationToken cancellationToken)
    {
        // The manifest is written last and removed first: where it is, everything is.
        var isWhole = await store.FindAsync(name.Manifest, cancellationToken) is not null;
        if (!isWhole)
        {
            await store.DeleteAsync([name.ToString()], cancellationToken);
            await store.DeleteAsync([name.Access], cancellationToken);
        }

        await store.DeleteAsync([name.Pending], cancellationToken);
        return $"{(isWhole ? "marker of the complete" : "unfinished")} backup {name} in {store.Location}";
    }
}
