using System.Net.Security;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using DeepSight.Core.Storage.Leases;
using DeepSight.Core.Storage.Transfers;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>
/// Backups under a prefix of a container in Azure Blob Storage. Uploads are streamed in blocks with bounded memory and become visible
/// in one step; a name is never overwritten.
/// </summary>
public sealed class AzureBackupStore : IBackupStore, IDisposable
{
    private const int DeletesAtOnce = 16;

    private readonly BlobContainer container;
    private readonly BlobWriter writer;

    /// <param name="settings">Valid ones.</param>
    /// <param name="clock">For leases and immutability.</param>
    /// <param name="log">Says what was tried again, and why.</param>
    public AzureBackupStore(AzureSettings settings, TimeProvider clock, ILogger<AzureBackupStore> log)
        : this(settings, new StorePatience(), clock, log)
    {
    }

    internal AzureBackupStore(AzureSettings settings, StorePatience patience, TimeProvider clock, ILogger log, RemoteCertificateValidationCallback? trusts = null)
    {
        container = new BlobContainer(settings, patience, clock, log, trusts);
        writer = new BlobWriter(container, clock);
    }

    public string Location => container.Location;

    public string Kind => "Azure";

    public int? LockDays => container.Settings.ImmutabilityDays;

    public long? FreeBytes => null;

    internal PartPlan Plan { get; init; } = PartPlan.ForAzure;

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, string after, CancellationToken cancellationToken) =>
        BlobListing.ReadAsync(container, prefix, after, cancellationToken);

    public async Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await container.FindAsync(name, BlobOperation.Find, cancellationToken))?.Stored;

    public async Task<Stream> OpenReadAsync(string name, long offset, string? version, CancellationToken cancellationToken)
    {
        var found = await FindAsync(name, cancellationToken) ?? throw StoreFailures.NotFound(name, Location);
        if (version is not null && version != found.Version) throw StoreFailures.Replaced(name, Location);
        if (found.Archived is { } archived) throw archived;

        var stream = new BlobReadStream(container, found, offset);
        await stream.OpenAsync(cancellationToken);
        return stream;
    }

    public Task<IBackupUpload> BeginUploadAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<IBackupUpload>(new BlobUpload(container, writer, Plan, ObjectName.Checked(name)));

    public Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        writer.TryCreateAsync(name, content, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        writer.ReplaceAsync(name, content, cancellationToken);

    public Task DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var blobs = names.Select(container.BlobNameOf).ToList();
        return Parallel.ForEachAsync(blobs, new ParallelOptions { MaxDegreeOfParallelism = DeletesAtOnce, CancellationToken = cancellationToken },
            async (blob, token) => await DeleteAsync(blob, token));
    }

    public async Task<IStoreLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken) =>
        await BlobStoreLease.TryTakeAsync(container, writer, LeaseRecord.ObjectFor(name), duration, cancellationToken);

    public Task<IReadOnlyList<string>> SweepUnfinishedAsync(string? name, DateTimeOffset untouchedSince, CancellationToken cancellationToken) =>
        BlobSweep.RunAsync(container, name, untouchedSince, cancellationToken);

    public Task<string?> FindKeptAfterDeletionAsync(CancellationToken cancellationToken) => new BlobChecks(container, writer).FindKeptAsync(cancellationToken);

    public IAsyncEnumerable<StoreCheck> CheckAsync(long? lastBackupBytes, CancellationToken cancellationToken) =>
        new BlobChecks(container, writer).RunAsync(DeleteAsync, cancellationToken);

    public void Dispose() => container.Dispose();

    /// <summary>Snapshots, which this tool never makes, are somebody's: a blob that has any stays. Former versions and soft-deleted blobs stay as well.</summary>
    private async Task DeleteAsync(string blob, CancellationToken cancellationToken)
    {
        try
        {
            await container.CallAsync(BlobOperation.Delete, token => container.Client.GetBlockBlobClient(blob).DeleteAsync(DeleteSnapshotsOption.None, cancellationToken: token), cancellationToken);
        }
        catch (DeepSightException e) when (e.HasCode("BlobNotFound") || (e.HasStatus(404) && !e.HasCode("ContainerNotFound")))
        {
            // Not there, or an earlier attempt got through.
        }
    }
}
