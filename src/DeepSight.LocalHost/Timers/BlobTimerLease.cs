using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using DeepSight.Core.Queues;

namespace DeepSight.LocalHost.Timers;

/// <summary>A lease on a blob.</summary>
internal sealed class BlobTimerLease : ITimerLease
{
    private readonly BlobLeaseClient lease;

    private BlobTimerLease(BlobLeaseClient lease) => this.lease = lease;

    public static async Task<ITimerLease?> TryAcquireAsync(BlobClient blob, TimeSpan duration, CancellationToken cancellationToken)
    {
        var lease = blob.GetBlobLeaseClient();
        try
        {
            await lease.AcquireAsync(duration, cancellationToken: cancellationToken);
            return new BlobTimerLease(lease);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return null;
        }
    }

    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await lease.RenewAsync(cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && StorageFailure.IsOne(e))
        {
            throw StorageFailure.Explain(e, "renew the lease of a timer");
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await lease.ReleaseAsync();
        }
        catch (Exception e) when (StorageFailure.IsOne(e))
        {
            // It is lost already, or storage is away; then it ends by itself within a minute.
        }
    }
}
