using Azure;
using Azure.Storage.Blobs;
using DeepSight.Core.Queues;

namespace DeepSight.LocalHost.Timers;

/// <summary>
/// Timer status and leases as blobs of the app's storage account, in the container and under the names that the real host uses.
/// Hosts of one <paramref name="hostId"/> run a timer once between them.
/// </summary>
/// <param name="lease">15 to 60 seconds.</param>
internal sealed class BlobTimerStore(BlobServiceClient service, string hostId, TimeSpan lease) : ITimerStore
{
    private readonly BlobContainerClient container = service.GetBlobContainerClient("azure-webjobs-hosts");

    public string Location => $"storage account '{service.AccountName}'";

    public Task<ScheduleStatus?> ReadAsync(string function, CancellationToken cancellationToken) => Attempt("read", function, async () =>
    {
        try
        {
            var content = await StatusOf(function).DownloadContentAsync(cancellationToken);
            return ScheduleStatus.Read(content.Value.Content.ToMemory().Span);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }, cancellationToken);

    public Task WriteAsync(string function, ScheduleStatus status, CancellationToken cancellationToken) => Attempt("write", function, async () =>
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        await StatusOf(function).UploadAsync(new BinaryData(status.ToJson()), overwrite: true, cancellationToken);
        return status;
    }, cancellationToken);

    public Task<ITimerLease?> TryLeaseAsync(string function, CancellationToken cancellationToken) => Attempt("lease", function, async () =>
    {
        var blob = container.GetBlobClient($"locks/{hostId}/{function}.Listener");
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        if (!await blob.ExistsAsync(cancellationToken)) await CreateAsync(blob, cancellationToken);

        return await BlobTimerLease.TryAcquireAsync(blob, lease, cancellationToken);
    }, cancellationToken);

    private static async Task CreateAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            await blob.UploadAsync(BinaryData.FromString(""), overwrite: false, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // Another host made it at the same moment; which of the two gets the lease is settled next.
        }
    }

    private BlobClient StatusOf(string function) => container.GetBlobClient($"timers/{hostId}/{function}/status");

    private async Task<T> Attempt<T>(string step, string function, Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && StorageFailure.IsOne(e))
        {
            throw StorageFailure.Explain(e, $"{step} the timer '{function}' in {Location}");
        }
    }
}
