using Azure;
using Azure.Storage.Blobs.Specialized;
using DeepSight.Core.Storage.Leases;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>
/// A lease as a small blob that is leased without an end, so that nobody else can write it, and that says when it runs out: the service's
/// own leases end after a minute or never. Whoever finds it run out breaks the lease, on condition that the blob is still what was read,
/// and writes under a lease of its own on the same condition: of several only one succeeds.
/// </summary>
internal sealed class BlobStoreLease : IStoreLease
{
    private readonly BlobContainer container;
    private readonly BlobWriter writer;
    private readonly string name;
    private readonly TimeSpan duration;
    private readonly LeaseRecord lease;

    private BlobStoreLease(BlobContainer container, BlobWriter writer, string name, TimeSpan duration, LeaseRecord lease) =>
        (this.container, this.writer, this.name, this.duration, this.lease) = (container, writer, name, duration, lease);

    public static async Task<BlobStoreLease?> TryTakeAsync(BlobContainer container, BlobWriter writer, string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(container, name, cancellationToken);
        if (found is null)
        {
            await writer.TryCreateAsync(name, ReadOnlyMemory<byte>.Empty, cancellationToken);
            found = await ReadAsync(container, name, cancellationToken);
        }

        if (found is not { } former || former.Lease?.HoldsAt(container.Clock.UtcNow) == true) return null;

        var lease = LeaseRecord.New(container.Clock.UtcNow + duration);
        var taken = new BlobStoreLease(container, writer, name, duration, lease);
        if (!await taken.TryAcquireAsync(former.Version, cancellationToken)) return null;
        if (await writer.TryReplaceAsync(name, lease.ToBytes(), former.Version, taken.LeaseId, cancellationToken)) return taken;

        await taken.ReleaseAsync();
        return null;
    }

    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (!await TryRewriteAsync(container.Clock.UtcNow + duration, cancellationToken))
            throw new DeepSightException(FailureKind.Busy, $"The lease '{name}' in {container.Location} was lost: it ran out and somebody else took it.");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (await TryRewriteAsync(DateTimeOffset.UnixEpoch, CancellationToken.None)) await ReleaseAsync();
        }
        catch (DeepSightException e)
        {
            // The work under the lease is done; it runs out by itself.
            container.Log.LogWarning("The lease '{Lease}' could not be given back and runs out by itself: {Reason}", name, e.Message);
        }
    }

    private string LeaseId => Guid.ParseExact(lease.Id, "n").ToString();

    private BlobLeaseClient Client => container.Client.GetBlobClient(container.BlobNameOf(name)).GetBlobLeaseClient(LeaseId);

    private async Task<bool> TryAcquireAsync(string version, CancellationToken cancellationToken)
    {
        var unchanged = new RequestConditions { IfMatch = new ETag(version) };
        if (await TryAsync(token => Client.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, unchanged, token), cancellationToken)) return true;

        // Leased by one that died, or that is just taking it: the latter then fails to write.
        return await TryAsync(token => Client.BreakAsync(TimeSpan.Zero, unchanged, token), cancellationToken)
            && await TryAsync(token => Client.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration, unchanged, token), cancellationToken);
    }

    /// <summary>False when another holds it, or the blob is no longer what was read. To acquire twice with one id does no harm.</summary>
    private async Task<bool> TryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            await container.CallAsync(BlobOperation.Lease, call, cancellationToken);
            return true;
        }
        catch (DeepSightException e) when (e.HasStatus(409) || e.HasStatus(412))
        {
            return false;
        }
    }

    private async Task ReleaseAsync() => await TryAsync(token => Client.ReleaseAsync(cancellationToken: token), CancellationToken.None);

    private async Task<bool> TryRewriteAsync(DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        await ReadAsync(container, name, cancellationToken) is { } found
        && found.Lease?.Id == lease.Id
        && await writer.TryReplaceAsync(name, (lease with { ExpiresAt = expiresAt }).ToBytes(), found.Version, LeaseId, cancellationToken);

    private static async Task<(LeaseRecord? Lease, string Version)?> ReadAsync(BlobContainer container, string name, CancellationToken cancellationToken)
    {
        while (await container.FindAsync(name, BlobOperation.Confirm, cancellationToken) is { } found)
        {
            try
            {
                if (found.Stored.Size > LeaseRecord.MostBytes) return (null, found.Stored.Version);
                await using var stream = new BlobReadStream(container, found.Stored, 0);
                var content = new byte[found.Stored.Size];
                await stream.ReadExactlyAsync(content, cancellationToken);
                return (LeaseRecord.Parse(content), found.Stored.Version);
            }
            catch (DeepSightException e) when (e.Kind == FailureKind.Corrupt)
            {
                // Rewritten between the two requests: look again.
            }
        }

        return null;
    }
}
