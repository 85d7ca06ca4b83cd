using System.Net;
using Amazon.S3.Model;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>Reads one content of an object, by its ETag.</summary>
internal sealed class S3ReadStream(S3Bucket bucket, StoredObject stored, long offset) : ResumingStream(stored, offset, S3Faults.Rules, bucket.Patience, bucket.Log)
{
    private readonly StoredObject stored = stored;

    protected override async Task<Stream> ConnectAsync(long position, bool isResumed, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = bucket.Name, Key = bucket.KeyOf(stored.Name), EtagToMatch = stored.Version };
        if (position > 0) request.ByteRange = new ByteRange(position, stored.Size - 1);
        try
        {
            var response = await bucket.CallAsync(isResumed ? S3Operation.ResumeRead : S3Operation.Read, (sdk, token) => sdk.GetObjectAsync(request, token), cancellationToken);
            return response.ResponseStream;
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.PreconditionFailed))
        {
            throw StoreFailures.Replaced(stored.Name, bucket.Location);
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.NotFound))
        {
            throw StoreFailures.NotFound(stored.Name, bucket.Location);
        }
    }

    protected override DeepSightException Explain(Exception e) => bucket.Explain(e, S3Operation.ResumeRead);
}
