using DeepSight.Core.Storage.Leases;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// A lease as a small object, created with If-None-Match and taken over or renewed with If-Match: of several that find it run
/// out only one takes it. It runs out by the service's clock. Given back, it stays as a lease that has run out. A service
/// without any conditional writes leaves a small gap between two that look at the same moment.
/// </summary>
internal sealed class S3Lease : IStoreLease
{
    private readonly S3Bucket bucket;
    private readonly S3SmallObjects objects;
    private readonly string name;
    private readonly TimeSpan duration;
    private readonly LeaseRecord lease;

    private S3Lease(S3Bucket bucket, S3SmallObjects objects, string name, TimeSpan duration, LeaseRecord lease) =>
        (this.bucket, this.objects, this.name, this.duration, this.lease) = (bucket, objects, name, duration, lease);

    public static async Task<S3Lease?> TryTakeAsync(S3Bucket bucket, S3SmallObjects objects, string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(bucket, name, cancellationToken);
        if (found?.Lease is { } held && held.HoldsAt(bucket.Clock.UtcNow)) return null;

        var lease = LeaseRecord.New(bucket.Clock.UtcNow + duration);
        var isTaken = found is { } former
            ? await objects.TryReplaceAsync(name, lease.ToBytes(), former.Version, cancellationToken)
            : await objects.TryCreateAsync(name, lease.ToBytes(), cancellationToken);
        return isTaken ? new S3Lease(bucket, objects, name, duration, lease) : null;
    }

    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (!await TryRewriteAsync(bucket.Clock.UtcNow + duration, cancellationToken))
            throw new DeepSightException(FailureKind.Busy, $"The lease '{name}' in {bucket.Location} was lost: it ran out and somebody else took it.");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await TryRewriteAsync(DateTimeOffset.UnixEpoch, CancellationToken.None);
        }
        catch (DeepSightException e)
        {
            // The work under the lease is done; it runs out by itself.
            bucket.Log.LogWarning("The lease '{Lease}' could not be given back and runs out by itself: {Reason}", name, e.Message);
        }
    }

    private async Task<bool> TryRewriteAsync(DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        await ReadAsync(bucket, name, cancellationToken) is { } found
        && found.Lease?.Id == lease.Id
        && await objects.TryReplaceAsync(name, (lease with { ExpiresAt = expiresAt }).ToBytes(), found.Version, cancellationToken);

    private static async Task<(LeaseRecord? Lease, string Version)?> ReadAsync(S3Bucket bucket, string name, CancellationToken cancellationToken)
    {
        while (await bucket.FindAsync(name, S3Operation.Confirm, cancellationToken) is { } found)
        {
            try
            {
                if (found.Stored.Size > LeaseRecord.MostBytes) return (null, found.Stored.Version);
                await using var stream = new S3ReadStream(bucket, found.Stored, 0);
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
