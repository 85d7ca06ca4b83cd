using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace DeepSight.Core.Storage.S3;

/// <summary>Deletes objects, a thousand a request where the service has that.</summary>
internal static class S3Deletion
{
    private const int MostAtOnce = 1_000;

    public static async Task DeleteAsync(S3Bucket bucket, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        foreach (var batch in names.Select(bucket.KeyOf).Distinct().ToList().Chunk(MostAtOnce))
            if (batch.Length == 1 || !await TryBatchAsync(bucket, batch, cancellationToken))
                foreach (var key in batch)
                    await DeleteAsync(bucket, key, cancellationToken);
    }

    private static async Task DeleteAsync(S3Bucket bucket, string key, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectRequest { BucketName = bucket.Name, Key = key };
        await bucket.CallAsync(S3Operation.Delete, (sdk, token) => sdk.DeleteObjectAsync(request, token), cancellationToken);
    }

    /// <summary>False where the service has no batches (Google's), or none with the SDK's checksum.</summary>
    private static async Task<bool> TryBatchAsync(S3Bucket bucket, string[] keys, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectsRequest { BucketName = bucket.Name, Quiet = true, Objects = [.. keys.Select(key => new KeyVersion { Key = key })] };
        try
        {
            await bucket.CallAsync(S3Operation.Delete, (sdk, token) => sdk.DeleteObjectsAsync(request, token), cancellationToken);
            return true;
        }
        catch (DeepSightException e) when (e.InnerException is DeleteObjectsException || e.HasStatus(HttpStatusCode.NotImplemented) || e.HasStatus(HttpStatusCode.BadRequest))
        {
            // One at a time, what can't be deleted says why.
            return false;
        }
    }
}
