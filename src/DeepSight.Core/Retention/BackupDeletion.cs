using System.Globalization;
using DeepSight.Core.Dumps;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>
/// Deletes backups of one store so that a half is never seen: first a marker hides each, then goes the manifest, then dump and
/// side files, the marker last. Whenever it is cut off, the markers tell the next retention what to finish. Each kind of file
/// goes in a request of its own: within one, S3 keeps no order.
/// </summary>
internal sealed class BackupDeletion(IBackupStore store, Func<CancellationToken, Task> renewLease)
{
    /// <summary>With a dump and two side files each, a batch fits into one request of a thousand names.</summary>
    private const int BatchSize = 300;

    private const int RequestsAtOnce = 8;

    /// <summary>Deletes them, batch by batch.</summary>
    /// <param name="holdsNow">Asked once the markers are there: who came meanwhile to read one of them? Those stay.</param>
    /// <param name="deleted">Told of each batch when it is gone.</param>
    public async Task RunAsync(IEnumerable<BackupFiles> victims, Func<CancellationToken, Task<IReadOnlyDictionary<BackupName, string>>> holdsNow,
        Action<BackupFiles> deleted, Action<BackupName, string> spared, CancellationToken cancellationToken)
    {
        foreach (var batch in victims.Chunk(BatchSize))
        {
            await renewLease(cancellationToken);
            await EachAsync(batch, (files, token) => store.TryCreateAsync(files.Name.Deleting, ReadOnlyMemory<byte>.Empty, token), cancellationToken);
            var going = await SpareAsync(batch, await holdsNow(cancellationToken), spared, cancellationToken);

            await store.DeleteAsync([.. going.Select(files => files.Name.Manifest)], cancellationToken);
            await store.DeleteAsync([.. going.SelectMany(files => files.Contents)], cancellationToken);
            await store.DeleteAsync([.. going.Select(files => files.Name.Deleting)], cancellationToken);
            foreach (var files in going) deleted(files);
        }
    }

    /// <summary>Deletes one backup whose place another has taken, by retention's rules: none that is pinned, locked or being read.</summary>
    /// <returns>Why it stayed; null when it is gone.</returns>
    /// <exception cref="DeepSightException">A retention is at work in that store (<see cref="FailureKind.Busy"/>), or it can't be written.</exception>
    public static async Task<string?> OfReplacedAsync(IBackupStore store, BackupName name, RunHistory history, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var lease = await RetentionLease.TakeAsync(store, clock, cancellationToken);
        var now = clock.GetUtcNow();
        var inventory = await StoreInventory.ReadAsync(store, name.Stem, cancellationToken);
        if (inventory.Listed.FirstOrDefault(files => files.Name == name) is not { } old) return null;
        if (LockOf(store, name, now) is { } locked) return locked;

        string? spared = null;
        var active = new ActiveRuns(history, clock);
        await active.AddAsync(store, inventory.Runs, cancellationToken);
        await new BackupDeletion(store, lease.RenewAsync).RunAsync([old], token => active.SourcesNowAsync(store, name.Stem, now, token), static _ => { }, (_, why) => spared = why, cancellationToken);
        return spared;
    }

    /// <summary>What the store's object lock says of it; null when it may go.</summary>
    public static string? LockOf(IBackupStore store, BackupName name, DateTimeOffset now) => store.LockDays is { } days && name.Time.AddDays(days) is var until && until > now
        ? string.Create(CultureInfo.InvariantCulture, $"object lock until {until:yyyy-MM-dd}")
        : null;

    /// <summary>
    /// A pin writes first and then looks for our marker, as we write our marker and then look for pins: one of the two sees
    /// the other.
    /// </summary>
    private async Task<List<BackupFiles>> SpareAsync(BackupFiles[] batch, IReadOnlyDictionary<BackupName, string> holds,
        Action<BackupName, string> spared, CancellationToken cancellationToken)
    {
        var why = new string?[batch.Length];
        await Parallel.ForAsync(0, batch.Length, Options(cancellationToken), async (i, token) =>
            why[i] = holds.GetValueOrDefault(batch[i].Name) ?? (await store.FindAsync(batch[i].Name.Pinned, token) is null ? null : "pinned meanwhile"));

        var going = new List<BackupFiles>();
        for (var i = 0; i < batch.Length; i++)
        {
            if (why[i] is not { } reason)
            {
                going.Add(batch[i]);
                continue;
            }

            await store.DeleteAsync([batch[i].Name.Deleting], cancellationToken);
            spared(batch[i].Name, reason);
        }

        return going;
    }

    private static Task EachAsync(BackupFiles[] batch, Func<BackupFiles, CancellationToken, Task> action, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(batch, Options(cancellationToken), async (files, token) => await action(files, token));

    private static ParallelOptions Options(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken };
}
