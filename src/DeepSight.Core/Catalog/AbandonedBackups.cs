using System.Text;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>
/// What backups of one database left in a store when their process died. Whoever holds the database's job lock knows that none of
/// them runs; their markers say whose they are. Retention removes the rest, of others and of older versions, a day later.
/// </summary>
internal static class AbandonedBackups
{
    /// <param name="files">The store's, as <see cref="BackupCatalog.FilesAsync"/> lists them.</param>
    /// <returns>What was removed, or why it could not be, for people.</returns>
    public static async Task<IReadOnlyList<string>> RemoveAsync(IBackupStore store, IEnumerable<StoredObject> files, string stem, string databaseId, CancellationToken cancellationToken)
    {
        var told = new List<string>();
        try
        {
            foreach (var marker in files.Where(file => file.Name.EndsWith(BackupName.PendingSuffix, StringComparison.Ordinal)))
                if (BackupName.TryParse(marker.Name[..^BackupName.PendingSuffix.Length], stem) is { } name && await IsOfAsync(store, marker, databaseId, cancellationToken))
                    told.Add($"In {store.Location}, {await RemoveAsync(store, name, DateTimeOffset.MaxValue, cancellationToken)}.");
        }
        catch (DeepSightException e)
        {
            // It is in nobody's way: the new backup takes another name.
            told.Add($"What a backup left that died could not be removed: {e.Message}");
        }

        return told;
    }

    private static async Task<bool> IsOfAsync(IBackupStore store, StoredObject marker, string databaseId, CancellationToken cancellationToken)
    {
        var expected = Encoding.UTF8.GetBytes(databaseId);
        if (marker.Size != expected.Length) return false;
        var content = new byte[expected.Length];
        await using var stream = await store.OpenReadAsync(marker.Name, 0, marker.Version, cancellationToken);
        await stream.ReadExactlyAsync(content, cancellationToken);
        return content.AsSpan().SequenceEqual(expected);
    }

    /// <summary>Ends what a backup began that is known to be dead.</summary>
    /// <param name="untouchedSince">An upload to which something was written later stays.</param>
    /// <returns>What became of it, for people.</returns>
    public static async Task<string> RemoveAsync(IBackupStore store, BackupName name, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        // With its manifest it is whole; only the last step was missing.
        var isWhole = await store.FindAsync(name.Manifest, cancellationToken) is not null;
        if (!isWhole)
        {
            await store.SweepUnfinishedAsync(name.ToString(), untouchedSince, cancellationToken);
            await store.DeleteAsync([name.ToString(), name.Access], cancellationToken);
        }

        await store.DeleteAsync([name.Pending], cancellationToken);
        return isWhole
            ? $"{name}: whole, but still marked as unfinished: it is listed now"
            : $"{name}: never finished by a backup that died, removed";
    }
}
