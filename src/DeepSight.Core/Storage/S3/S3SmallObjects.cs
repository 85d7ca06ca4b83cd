using System.Net;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>Writes what fits into one request: markers, manifests, records, leases and small backups.</summary>
internal sealed class S3SmallObjects(S3Bucket bucket, S3Requests requests, S3Conditions conditions)
{
    private readonly S3Publication publication = new(bucket, conditions);

    /// <summary>Null, and nothing changed, when the name is taken.</summary>
    public async Task<StoredObject?> TryCreateAsync(string name, PartBuffer content, bool isBackup, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("n");
        return await publication.PublishAsync(name, id, (ifNoneMatch, token) => PutAsync(name, content, id, isBackup, ifNoneMatch, null, token), cancellationToken);
    }

    public async Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var pool = new BlockPool();
        using var buffer = await PartBuffer.GatherAsync(pool, content, cancellationToken);
        var id = Guid.NewGuid().ToString("n");
        Task WriteAsync(string? ifNoneMatch, CancellationToken token) => PutAsync(name, buffer, id, false, ifNoneMatch, null, token);

        if (await publication.PublishAsync(name, id, WriteAsync, cancellationToken) is null) return false;
        if (conditions.AreHonoured is null) conditions.Learn(await IsRefusedAsync(WriteAsync, cancellationToken));
        return true;
    }

    /// <summary>Finds out on an object that exists whether the service honours conditions, if it has not shown it yet.</summary>
    public async Task LearnConditionsAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (conditions.AreHonoured is not null) return;

        using var pool = new BlockPool();
        using var buffer = await PartBuffer.GatherAsync(pool, content, cancellationToken);
        conditions.Learn(await IsRefusedAsync((ifNoneMatch, token) => PutAsync(name, buffer, Guid.NewGuid().ToString("n"), false, ifNoneMatch, null, token), cancellationToken));
    }

    public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var pool = new BlockPool();
        using var buffer = await PartBuffer.GatherAsync(pool, content, cancellationToken);
        await PutAsync(name, buffer, Guid.NewGuid().ToString("n"), false, null, null, cancellationToken);
    }

    /// <summary>Replaces the very content that <paramref name="version"/> names; false when it is another by now.</summary>
    public async Task<bool> TryReplaceAsync(string name, ReadOnlyMemory<byte> content, string version, CancellationToken cancellationToken)
    {
        using var pool = new BlockPool();
        using var buffer = await PartBuffer.GatherAsync(pool, content, cancellationToken);
        var id = Guid.NewGuid().ToString("n");
        try
        {
            if (conditions.LacksIfMatch) return await TryReplaceByClaimAsync(name, buffer, id, version, cancellationToken);
            await PutAsync(name, buffer, id, false, null, version, cancellationToken);
            return true;
        }
        catch (DeepSightException e) when (!conditions.LacksIfMatch && S3Conditions.IsRefusal(e))
        {
            conditions.LacksIfMatch = true;
            return await TryReplaceByClaimAsync(name, buffer, id, version, cancellationToken);
        }
        catch (DeepSightException e) when (S3Faults.LeavesDoubt(e))
        {
            var found = await bucket.FindAsync(name, S3Operation.Confirm, cancellationToken);
            if (found?.Id == id) return true;
            if (S3Faults.IsTransient(e.InnerException) && !e.HasStatus(HttpStatusCode.Conflict)) throw;
            return false;
        }
    }

    /// <summary>
    /// The same by <c>If-None-Match</c> alone: only one can create the claim on a version, and it looks once more before it
    /// writes, since another may have had the claim, replaced that version and given the claim back.
    /// </summary>
    private async Task<bool> TryReplaceByClaimAsync(string name, PartBuffer content, string id, string version, CancellationToken cancellationToken)
    {
        await using var claim = await S3Claim.TryTakeAsync(bucket, this, name, version, cancellationToken);
        if (claim is null || (await bucket.FindAsync(name, S3Operation.Confirm, cancellationToken))?.Stored.Version != version) return false;

        await PutAsync(name, content, id, false, null, null, cancellationToken);
        return true;
    }

    private static async Task<bool> IsRefusedAsync(Func<string?, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await write("*", cancellationToken);
            return false;
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.PreconditionFailed))
        {
            return true;
        }
        catch (DeepSightException e) when (S3Conditions.IsRefusal(e))
        {
            return false;
        }
    }

    private async Task PutAsync(string name, PartBuffer content, string id, bool isBackup, string? ifNoneMatch, string? ifMatch, CancellationToken cancellationToken) =>
        await bucket.CallAsync(S3Operation.Write, null, (sdk, watch) =>
        {
            var request = requests.Put(name, content, id, isBackup, watch);
            (request.IfNoneMatch, request.IfMatch) = (ifNoneMatch, ifMatch);
            return sdk.PutObjectAsync(request, watch.Token);
        }, cancellationToken);
}
