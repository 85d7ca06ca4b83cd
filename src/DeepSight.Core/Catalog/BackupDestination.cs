using System.Text;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>
/// One of the stores that a dump is written to. A store that fails drops out and keeps its failure, so that the others
/// still get the backup; the last one to fail fails the backup.
/// </summary>
internal sealed class BackupDestination(IBackupStore store) : IAsyncDisposable
{
    private readonly List<string> written = [];
    private List<StoredObject> files = [];
    private IBackupUpload? upload;
    private string? completing;

    public IBackupStore Store { get; } = store;

    public DeepSightException? Failure { get; private set; }

    /// <summary>It is there, but not as it was asked for.</summary>
    public DeepSightException? Shortfall => Failure is null ? upload?.Shortfall : null;

    /// <summary>Why that can't be told.</summary>
    public string? Doubt => Failure is null ? upload?.Doubt : null;

    /// <summary>The newest backup that was here before, if it has a manifest.</summary>
    public BackupManifest? Previous { get; private set; }

    /// <summary>The same as <see cref="TryAsync(Func{Task})"/>; cancelled by <paramref name="lag"/> alone, it drops out.</summary>
    public Task TryAsync(Func<Task> step, CancellationToken lag, CancellationToken job) => TryAsync(async () =>
    {
        try
        {
            await step();
        }
        catch (OperationCanceledException e) when (lag.IsCancellationRequested && !job.IsCancellationRequested)
        {
            throw new DeepSightException(FailureKind.Failed, $"The upload to {Store.Location} fell behind: it took nothing for minutes while the others waited, and was given up.",
                "is the service, or the line to it, in trouble? `deepsight copy --missing` brings the backup there from another store.", e);
        }
    });

    /// <summary>Does one step on this store, unless it has dropped out before.</summary>
    public async Task TryAsync(Func<Task> step)
    {
        if (Failure is not null) return;

        try
        {
            await step();
        }
        catch (DeepSightException e)
        {
            Failure = e;
            await CleanAsync();
        }
    }

    /// <summary>What was removed here of backups that died, in words.</summary>
    public IReadOnlyList<string> Removed { get; private set; } = [];

    public async Task FindPreviousAsync(string stem, CancellationToken cancellationToken)
    {
        var catalog = new BackupCatalog(Store, stem);
        files = await BackupCatalog.FilesAsync(Store, stem, cancellationToken).ToListAsync(cancellationToken);
        if (BackupCatalog.LatestOf(catalog.EntriesOf(files)) is not { HasManifest: true } latest) return;

        try
        {
            Previous = await catalog.ReadManifestAsync(latest.Name, cancellationToken);
        }
        catch (DeepSightException e) when (e.Kind == FailureKind.Corrupt)
        {
            // A damaged old backup must not keep new ones from being made.
        }
    }

    public async Task RemoveAbandonedAsync(string stem, string databaseId, CancellationToken cancellationToken) =>
        Removed = await AbandonedBackups.RemoveAsync(Store, files, stem, databaseId, cancellationToken);

    /// <summary>Marks the name as taken by an unfinished backup of this database; false when it is taken already.</summary>
    public async Task<bool> TryReserveAsync(BackupName name, string databaseId, CancellationToken cancellationToken)
    {
        if (await Store.FindAsync(name.ToString(), cancellationToken) is not null) return false;
        if (!await Store.TryCreateAsync(name.Pending, Encoding.UTF8.GetBytes(databaseId), cancellationToken)) return false;

        written.Add(name.Pending);
        return true;
    }

    public async Task BeginAsync(BackupName name, CancellationToken cancellationToken) =>
        upload = await Store.BeginUploadAsync(name.ToString(), cancellationToken);

    public Task RenewMarkerAsync(BackupName name, string databaseId, CancellationToken cancellationToken) =>
        Store.ReplaceAsync(name.Pending, Encoding.UTF8.GetBytes(databaseId), cancellationToken);

    public Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => upload!.WriteAsync(content, cancellationToken);

    public async Task CompleteAsync(BackupName name, CancellationToken cancellationToken)
    {
        completing = name.ToString();
        await upload!.CompleteAsync(cancellationToken);
        written.Add(completing);
        completing = null;
    }

    public async Task AddAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // Replaced, not created: the reservation makes the name ours, and a retried write may find its own first try.
        written.Add(name);
        await Store.ReplaceAsync(name, content, cancellationToken);
    }

    /// <summary>The manifest is there: from here on the backup stays, whatever happens.</summary>
    public async Task PublishAsync(BackupName name, ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken)
    {
        await AddAsync(name.Manifest, manifest, cancellationToken);
        written.Clear();
        await Store.DeleteAsync([name.Pending], cancellationToken);
    }

    /// <summary>Removes what an unfinished backup left here; the marker last, so that a half is never seen.</summary>
    public async Task CleanAsync()
    {
        try
        {
            if (upload is not null) await upload.DisposeAsync();

            // Not the job's token: a cancelled job cleans up as well.
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

            // A completion that failed may still have happened (its answer was lost): then the marker goes on hiding it.
            if (completing is not null && await Store.FindAsync(completing, limit.Token) is not null) return;

            foreach (var name in Enumerable.Reverse(written).ToList())
            {
                await Store.DeleteAsync([name], limit.Token);
                written.Remove(name);
            }
        }
        catch (Exception e) when (e is DeepSightException or OperationCanceledException)
        {
            // The store is likely what failed in the first place. The pending marker hides the rest until the sweep removes it.
            Failure ??= e as DeepSightException;
        }
    }

    public ValueTask DisposeAsync() => upload?.DisposeAsync() ?? ValueTask.CompletedTask;
}
