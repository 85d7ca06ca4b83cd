using System.Security.Cryptography;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>
/// One dump on its way to one or more stores under one name. Nothing is listed before <see cref="PublishAsync"/>, and
/// disposed without it nothing is left.
/// </summary>
internal sealed class BackupUpload : IAsyncDisposable
{
    /// <summary>Retention tells a long backup from an abandoned one by the age of its marker.</summary>
    private static readonly TimeSpan RenewMarkerAfter = TimeSpan.FromHours(1);

    /// <summary>For how long one store may keep the others, and the dump, waiting; each has taken as much ahead as its upload holds.</summary>
    private static readonly TimeSpan MostLag = TimeSpan.FromMinutes(2);

    private readonly List<BackupDestination> destinations;
    private readonly string databaseId;
    private readonly TimeProvider clock;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long markedAt;
    private bool published;

    /// <param name="stores">At least one.</param>
    /// <param name="databaseId">Stands in the pending marker, so that the next backup knows it for one of its own database.</param>
    public BackupUpload(IReadOnlyList<IBackupStore> stores, string databaseId, TimeProvider clock) =>
        (destinations, this.databaseId, this.clock) = ([.. stores.Select(store => new BackupDestination(store))], databaseId, clock);

    /// <summary>Known once the upload has begun.</summary>
    public BackupName Name { get; private set; } = null!;

    /// <summary>Bytes of compressed dump handed to the stores so far.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>The stores that have it.</summary>
    public IReadOnlyList<string> Locations => [.. from destination in destinations where destination.Failure is null select destination.Store.Location];

    /// <summary>The stores that dropped out, each with why.</summary>
    public IReadOnlyList<(IBackupStore Store, DeepSightException Failure)> Failures =>
        [.. from destination in destinations where destination.Failure is not null select (destination.Store, destination.Failure)];

    /// <summary>The stores that have it, but not as they were asked to.</summary>
    public IReadOnlyList<(IBackupStore Store, DeepSightException Failure)> Shortfalls =>
        [.. from destination in destinations where destination.Shortfall is not null select (destination.Store, destination.Shortfall)];

    public IReadOnlyList<string> Doubts => [.. destinations.Select(destination => destination.Doubt).OfType<string>()];

    /// <summary>Each store's newest manifest of that stem, of those that have one.</summary>
    public async Task<IReadOnlyList<BackupManifest>> FindPreviousAsync(string stem, CancellationToken cancellationToken)
    {
        await OnEachAsync(destination => destination.FindPreviousAsync(stem, cancellationToken));
        return [.. destinations.Select(destination => destination.Previous).OfType<BackupManifest>()];
    }

    /// <summary>Removes what backups of this database left that died; after <see cref="FindPreviousAsync"/>, whose listing it uses.</summary>
    /// <returns>What that was, or why it could not be, for people.</returns>
    public async Task<IReadOnlyList<string>> RemoveAbandonedAsync(string stem, CancellationToken cancellationToken)
    {
        await OnEachAsync(destination => destination.RemoveAbandonedAsync(stem, databaseId, cancellationToken));
        return [.. destinations.SelectMany(destination => destination.Removed)];
    }

    /// <summary>Reserves a name in all stores and opens the uploads.</summary>
    /// <param name="wanted">Taken when it is free; otherwise the next free second.</param>
    public async Task BeginAsync(BackupName wanted, CancellationToken cancellationToken)
    {
        Name = wanted;
        while (!await TryReserveAsync(cancellationToken))
            Name = Name with { Time = Name.Time.AddSeconds(1) };
        markedAt = clock.GetTimestamp();
        await OnEachAsync(destination => destination.BeginAsync(Name, cancellationToken));
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        hash.AppendData(content.Span);
        StoredBytes += content.Length;
        await WriteToEachAsync(content, cancellationToken);
        if (clock.GetElapsedTime(markedAt) < RenewMarkerAfter) return;

        markedAt = clock.GetTimestamp();
        await OnEachAsync(destination => destination.RenewMarkerAsync(Name, databaseId, cancellationToken));
    }

    /// <summary>Makes the dump durable in the stores; the pending marker still hides it.</summary>
    /// <returns>SHA-256 of the stored object, lower-case hexadecimal.</returns>
    public async Task<string> CompleteAsync(CancellationToken cancellationToken)
    {
        await OnEachAsync(destination => destination.CompleteAsync(Name, cancellationToken));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public Task AddAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        OnEachAsync(destination => destination.AddAsync(name, content, cancellationToken));

    /// <summary>Writes the manifest, last: with it the backup exists.</summary>
    public async Task PublishAsync(BackupManifest manifest, SigningKey? key, CancellationToken cancellationToken)
    {
        var content = Json.ToUtf8(manifest);
        if (key is not null) content = ManifestSignature.Add(content, key);
        await OnEachAsync(destination => destination.PublishAsync(Name, content, cancellationToken));
        published = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!published) await Task.WhenAll(destinations.Select(destination => destination.CleanAsync()));
        foreach (var destination in destinations) await destination.DisposeAsync();
        hash.Dispose();
    }

    private async Task<bool> TryReserveAsync(CancellationToken cancellationToken)
    {
        var taken = false;
        await OnEachAsync(async destination =>
        {
            if (!await destination.TryReserveAsync(Name, databaseId, cancellationToken)) taken = true;
        });
        if (taken) await Task.WhenAll(destinations.Select(destination => destination.CleanAsync()));
        return !taken;
    }

    /// <summary>As fast as the slowest takes it; one that takes nothing for a while drops out, so that the others get theirs.</summary>
    private async Task WriteToEachAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var left = destinations.FindAll(destination => destination.Failure is null);
        if (left.Count == 1)
        {
            await OnEachAsync(destination => destination.WriteAsync(content, cancellationToken));
            return;
        }

        using var lag = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writes = left.ConvertAll(destination => destination.TryAsync(() => destination.WriteAsync(content, lag.Token), lag.Token, cancellationToken));
        // The usual case costs no timer.
        if (!writes.TrueForAll(write => write.IsCompleted)) await WaitForLaggardsAsync(writes, lag, cancellationToken);
        await Task.WhenAll(writes);
        ThrowIfNoneIsLeft();
    }

    /// <summary>The time counts from when one of them is done: what all wait for is not one's fault.</summary>
    private async Task WaitForLaggardsAsync(List<Task> writes, CancellationTokenSource lag, CancellationToken cancellationToken)
    {
        await Task.WhenAny(writes);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = Task.WhenAll(writes);
        var limit = Task.Delay(MostLag, clock, done.Token);
        if (await Task.WhenAny(all, limit) == limit && !cancellationToken.IsCancellationRequested) await lag.CancelAsync();
        await done.CancelAsync();
    }

    private async Task OnEachAsync(Func<BackupDestination, Task> step)
    {
        if (destinations is [var only]) await only.TryAsync(() => step(only));
        else await Task.WhenAll(destinations.Select(destination => destination.TryAsync(() => step(destination))));
        ThrowIfNoneIsLeft();
    }

    private void ThrowIfNoneIsLeft()
    {
        if (destinations.TrueForAll(destination => destination.Failure is not null))
            throw new DeepSightException(destinations[0].Failure!.Kind, destinations[0].Failure!.Message, destinations[0].Failure!.Hint, destinations[0].Failure);
    }
}
