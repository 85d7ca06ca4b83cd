using System.Collections.Concurrent;
using System.Net;
using Amazon.S3.Model;
using DeepSight.Core.Storage.Transfers;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.S3;

/// <summary>The requests of one upload in parts, from its start to its end, good or bad.</summary>
internal sealed class S3Multipart
{
    private readonly S3Bucket bucket;
    private readonly S3Requests requests;
    private readonly S3Publication publication;
    private readonly string name;
    private readonly string id;
    private readonly string key;
    private readonly string uploadId;
    private readonly ConcurrentBag<PartETag> parts = [];
    private bool isOver;

    private S3Multipart(S3Bucket bucket, S3Requests requests, S3Publication publication, string name, string id, string uploadId)
    {
        (this.bucket, this.requests, this.publication, this.name, this.id, this.uploadId) = (bucket, requests, publication, name, id, uploadId);
        key = bucket.KeyOf(name);
    }

    public static async Task<S3Multipart> StartAsync(S3Bucket bucket, S3Requests requests, S3Publication publication, string name, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("n");
        var request = requests.Initiate(name, id);
        var started = await bucket.CallAsync(S3Operation.Write, (sdk, token) => sdk.InitiateMultipartUploadAsync(request, token), cancellationToken);
        return new S3Multipart(bucket, requests, publication, name, id, started.UploadId);
    }

    /// <summary>Sends one part, as often as it takes; several may be on their way at once.</summary>
    public async Task SendAsync(PartBuffer part, CancellationToken cancellationToken)
    {
        var checksum = requests.ChecksumOf(part);
        var sent = await bucket.CallAsync(S3Operation.Write, null,
            (sdk, watch) => sdk.UploadPartAsync(requests.Part(key, uploadId, part, checksum, watch), watch.Token), cancellationToken);
        parts.Add(new PartETag(part.Number, sent.ETag) { ChecksumCRC32 = checksum.Crc32 });
    }

    /// <summary>Joins the parts; null when the name is taken by now.</summary>
    public async Task<StoredObject?> CompleteAsync(CancellationToken cancellationToken)
    {
        var stored = await publication.PublishAsync(name, id, JoinAsync, cancellationToken);
        isOver = stored is not null;
        return stored;
    }

    /// <summary>Has the service forget the parts. What it can't be told now, the sweep tells it later.</summary>
    public async Task AbortAsync()
    {
        if (isOver) return;
        isOver = true;
        try
        {
            var request = new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = uploadId };
            await bucket.CallAsync(S3Operation.Abort, (sdk, token) => sdk.AbortMultipartUploadAsync(request, token), CancellationToken.None);
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.NotFound))
        {
            // An earlier attempt got through.
        }
        catch (DeepSightException e)
        {
            // Whatever made the upload fail is what the operator must see.
            bucket.Log.LogWarning("The unfinished upload of {Key} could not be removed and stays until the next retention: {Reason}", key, e.Message);
        }
    }

    private async Task JoinAsync(string? ifNoneMatch, CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = bucket.Name,
            Key = key,
            UploadId = uploadId,
            PartETags = [.. parts.OrderBy(part => part.PartNumber)],
            IfNoneMatch = ifNoneMatch,
        };
        await bucket.CallAsync(S3Operation.Write, bucket.Patience.Complete,
            (sdk, watch) => sdk.CompleteMultipartUploadAsync(request, watch.Token), cancellationToken);
    }
}
