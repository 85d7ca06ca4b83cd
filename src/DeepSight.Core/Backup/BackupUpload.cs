using System.Security.Cryptography;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Backup;

/// <summary>
/// One dump on its way to one or more stores under one name. Nothing is listed before <see cref="PublishAsync"/>, and
/// disposed without it nothing is left.
/// </summary>
internal sealed class BackupUpload : IAsyncDisposable
{
    private readonly List<BackupDestination> destinations;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool published;

    private BackupUpload(List<BackupDestination> destinations, BackupName name)
    {
        this.destinations = destinations;
        Name = name;
    }

    public BackupName Name { get; }

    /// <summary>Bytes of compressed dump handed to the stores so far.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>The stores that have it.</summary>
    public IReadOnlyList<string> Locations => [.. from destination in destinations where destination.Failure is null select destination.Store.Location];

    /// <summary>The stores that dropped out, each with why.</summary>
    public IReadOnlyList<(IBackupStore Store, DeepSightException Failure)> Failures =>
        [.. from destination in destinations where destination.Failure is not null select (destination.Store, destination.Failure)];

    /// <summary>Reserves a name in all stores and opens the uploads.</summary>
    /// <param name="wanted">Taken when it is free; otherwise the next free second.</param>
    public static async Task<BackupUpload> BeginAsync(IReadOnlyList<IBackupStore> stores, BackupName wanted, CancellationToken cancellationToken)
    {
        var destinations = stores.Select(store => new BackupDestination(store)).ToList();
        var name = wanted;
        try
        {
            while (!await TryReserveAsync(destinations, name, cancellationToken))
                name = name with { Time = name.Time.AddSeconds(1) };

            var upload = new BackupUpload(destinations, name);
            await upload.OnEachAsync(destination => destination.BeginAsync(name, cancellationToken));
            return upload;
        }
        catch
        {
            foreach (var destination in destinations) await destination.CleanAsync();
            throw;
        }
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        hash.AppendData(content.Span);
        StoredBytes += content.Length;
        await OnEachAsync(destination => destination.WriteAsync(content, cancellationToken));
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
    public async Task PublishAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        var content = Json.ToUtf8(manifest);
        await OnEachAsync(destination => destination.PublishAsync(Name, content, cancellationToken));
        published = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!published)
            foreach (var destination in destinations)
                await destination.CleanAsync();
        hash.Dispose();
    }

    private static async Task<bool> TryReserveAsync(List<BackupDestination> destinations, BackupName name, CancellationToken cancellationToken)
    {
        var free = true;
        foreach (var destination in destinations)
            await destination.TryAsync(async () => free &= await destination.TryReserveAsync(name, cancellationToken));
        ThrowIfNoneIsLeft(destinations);

        if (!free)
            foreach (var destination in destinations)
                await destination.CleanAsync();
        return free;
    }

    private async Task OnEachAsync(Func<BackupDestination, Task> step)
    {
        if (destinations is [var only]) await only.TryAsync(() => step(only));
        else await Task.WhenAll(destinations.Select(destination => destination.TryAsync(() => step(destination))));
        ThrowIfNoneIsLeft(destinations);
    }

    private static void ThrowIfNoneIsLeft(List<BackupDestination> destinations)
    {
        if (destinations.TrueForAll(destination => destination.Failure is not null))
            throw new DeepSightException(destinations[0].Failure!.Kind, destinations[0].Failure!.Message, destinations[0].Failure!.Hint, destinations[0].Failure);
    }
}
