using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>Writes blobs, whole or in blocks, and finds out what came of a write whose answer was lost: each carries an id in its metadata.</summary>
internal sealed class BlobWriter(BlobContainer container, TimeProvider clock)
{
    private AzureSettings Settings => container.Settings;

    /// <summary>Of what is written now, if backups are immutable.</summary>
    public DateTimeOffset ImmutableUntil => clock.GetUtcNow().AddDays(Settings.ImmutabilityDays ?? 0);

    /// <summary>The service keeps former versions of what is overwritten and deleted; null until a write has shown it.</summary>
    public bool? KeepsVersions { get; private set; }

    /// <summary>Null, and nothing changed, when the name is taken.</summary>
    public async Task<StoredObject?> TryCreateAsync(string name, PartBuffer content, bool isBackup, CancellationToken cancellationToken)
    {
        var id = NewId();
        return await PublishAsync(name, id, content.Length,
            token => PutAsync(name, content, id, isBackup, new BlobRequestConditions { IfNoneMatch = ETag.All }, token), cancellationToken);
    }

    public async Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var pool = new BlockPool();
        using var buffer = await PartBuffer.GatherAsync(pool, content, cancellationToken);
        return await TryCreateAsync(name, buffer, isBackup: false, cancellationToken) is not null;
    }

    public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var pool = new BlockPool();
        using var buffer = await PartBuffer.GatherAsync(pool, content, cancellationToken);
        await PutAsync(name, buffer, NewId(), isBackup: false, null, cancellationToken);
    }

    /// <summary>Replaces the very content that <paramref name="version"/> names, under the lease; false when either is another's by now.</summary>
    public async Task<bool> TryReplaceAsync(string name, ReadOnlyMemory<byte> content, string version, string leaseId, CancellationToken cancellationToken)
    {
        using var pool = new BlockPool();
        using var buffer = await PartBuffer.GatherAsync(pool, content, cancellationToken);
        var id = NewId();
        try
        {
            await PutAsync(name, buffer, id, isBackup: false, new BlobRequestConditions { IfMatch = new ETag(version), LeaseId = leaseId }, cancellationToken);
            return true;
        }
        catch (DeepSightException e) when (BlobFaults.LeavesDoubt(e))
        {
            var found = await container.FindAsync(name, BlobOperation.Confirm, cancellationToken);
            if (IdOf(found?.Properties) == id) return true;
            if (BlobFaults.IsTransient(e.InnerException)) throw;
            return false;
        }
    }

    /// <summary>Sends one block, as often as it takes. Blocks belong to a blob's name, not to an upload: their ids keep two uploads apart.</summary>
    public async Task StageAsync(string name, string blockId, PartBuffer block, CancellationToken cancellationToken)
    {
        var blob = BlobOf(name);
        var validation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5, PrecalculatedChecksum = Convert.FromBase64String(block.Md5()) };
        await container.CallAsync(BlobOperation.Write, null, async watch =>
        {
            await using var content = block.Open(watch);
            return await blob.StageBlockAsync(blockId, content, new BlockBlobStageBlockOptions { TransferValidation = validation }, watch.Token);
        }, cancellationToken);
    }

    /// <summary>Makes the blob of its blocks; null, and nothing changed, when the name is taken.</summary>
    public async Task<StoredObject?> TryCommitAsync(string name, IReadOnlyList<string> blockIds, long size, CancellationToken cancellationToken)
    {
        var (id, blob) = (NewId(), BlobOf(name));
        var options = new CommitBlockListOptions
        {
            Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            Metadata = Noted(id),
            AccessTier = Tier,
            ImmutabilityPolicy = Policy,
        };
        return await PublishAsync(name, id, size, token => container.CallAsync(BlobOperation.Write, container.Patience.Complete,
            async watch => (await blob.CommitBlockListAsync(blockIds, options, watch.Token)).Value, token), cancellationToken);
    }

    private AccessTier? Tier => Settings.Tier is { } tier ? new AccessTier(tier.ToString()) : (AccessTier?)null;

    private BlobImmutabilityPolicy? Policy => Settings.Immutability is not { } mode ? null : new BlobImmutabilityPolicy
    {
        ExpiresOn = ImmutableUntil,
        PolicyMode = mode == AzureImmutability.Locked ? BlobImmutabilityPolicyMode.Locked : BlobImmutabilityPolicyMode.Unlocked,
    };

    private async Task<StoredObject?> PublishAsync(string name, string id, long size, Func<CancellationToken, Task<BlobContentInfo>> write, CancellationToken cancellationToken)
    {
        try
        {
            var written = await write(cancellationToken);
            return new StoredObject(name, size, written.LastModified, written.ETag.ToString("H"));
        }
        catch (DeepSightException e) when (BlobFaults.LeavesDoubt(e) && !e.HasCode("ContainerNotFound"))
        {
            var found = await container.FindAsync(name, BlobOperation.Confirm, cancellationToken);
            if (found is { } there) return IdOf(there.Properties) == id ? there.Stored : null;

            // A condition can fail over a blob that was deleted since.
            if (!e.HasCode("BlobAlreadyExists") && !e.HasStatus(412)) throw;
            return null;
        }
    }

    /// <param name="isBackup">Tier and immutability are for backups, not for the small files beside them, which must be read and removed at once.</param>
    private async Task<BlobContentInfo> PutAsync(string name, PartBuffer content, string id, bool isBackup, BlobRequestConditions? conditions, CancellationToken cancellationToken)
    {
        var blob = BlobOf(name);
        var options = new BlobUploadOptions
        {
            Conditions = conditions,
            Metadata = Noted(id),
            TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
            // In one request: what is below this size.
            TransferOptions = new StorageTransferOptions { InitialTransferSize = content.Length + 1, MaximumTransferSize = content.Length + 1 },
            AccessTier = isBackup ? Tier : null,
            ImmutabilityPolicy = isBackup ? Policy : null,
        };
        var written = await container.CallAsync(BlobOperation.Write, null, async watch =>
        {
            await using var stream = content.Open(watch);
            return (await blob.UploadAsync(stream, options, watch.Token)).Value;
        }, cancellationToken);
        KeepsVersions = written.VersionId is not null;
        return written;
    }

    private BlockBlobClient BlobOf(string name) => container.Client.GetBlockBlobClient(container.BlobNameOf(name));

    private static Dictionary<string, string> Noted(string id) => new() { [BlobContainer.IdMetadata] = id };

    private static string? IdOf(BlobProperties? properties) => properties?.Metadata.TryGetValue(BlobContainer.IdMetadata, out var id) == true ? id : null;

    private static string NewId() => Guid.NewGuid().ToString("n");
}
