using Azure;
using Azure.Storage.Blobs.Models;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>Reads one content of a blob, by its ETag.</summary>
internal sealed class BlobReadStream(BlobContainer container, StoredObject stored, long offset) : ResumingStream(stored, offset, BlobFaults.Rules, container.Patience, container.Log)
{
    private readonly StoredObject stored = stored;

    protected override async Task<Stream> ConnectAsync(long position, bool isResumed, CancellationToken cancellationToken)
    {
        var blob = container.Client.GetBlobClient(container.BlobNameOf(stored.Name));
        var options = new BlobDownloadOptions { Range = new HttpRange(position), Conditions = new BlobRequestConditions { IfMatch = new ETag(stored.Version) } };
        try
        {
            return (await container.CallAsync(isResumed ? BlobOperation.ResumeRead : BlobOperation.Read, token => blob.DownloadStreamingAsync(options, token), cancellationToken)).Value.Content;
        }
        catch (DeepSightException e) when (e.HasStatus(412))
        {
            throw StoreFailures.Replaced(stored.Name, container.Location);
        }
        catch (DeepSightException e) when (e.HasStatus(404))
        {
            throw StoreFailures.NotFound(stored.Name, container.Location);
        }
    }

    protected override DeepSightException Explain(Exception e) => container.Explain(e, BlobOperation.ResumeRead);
}
