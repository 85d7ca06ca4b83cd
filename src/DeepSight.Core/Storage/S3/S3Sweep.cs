using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Amazon.S3.Model;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// Aborts uploads in parts that an interrupted process left behind: invisible, but paid for. Only those under the prefix whose
/// key is a backup's (other programs may share the bucket), and only when no part came for a while: a very large backup
/// may run for more than a day.
/// </summary>
internal static partial class S3Sweep
{
    public static async Task<IReadOnlyList<string>> RunAsync(S3Bucket bucket, string? only, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        var removed = new List<string>();
        await foreach (var upload in ListAsync(bucket, cancellationToken))
            if (bucket.NameOf(upload.Key) is { } name && Ours().IsMatch(name) && (only is null || name == only) && await IsAbandonedAsync(bucket, upload, untouchedSince, cancellationToken))
            {
                await AbortAsync(bucket, upload, cancellationToken);
                removed.Add($"unfinished upload of {bucket.Location}{name}, started {upload.Initiated?.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC");
            }

        return removed;
    }

    private static async IAsyncEnumerable<MultipartUpload> ListAsync(S3Bucket bucket, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = bucket.Settings.NormalPrefix };
        ListMultipartUploadsResponse page;
        do
        {
            page = await bucket.CallAsync(S3Operation.ListUploads, (sdk, token) => sdk.ListMultipartUploadsAsync(request, token), cancellationToken);
            foreach (var upload in page.MultipartUploads ?? [])
                yield return upload;

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated == true);
    }

    private static async Task<bool> IsAbandonedAsync(S3Bucket bucket, MultipartUpload upload, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        if (upload.Initiated?.ToUniversalTime() >= untouchedSince.UtcDateTime) return false;

        var request = new ListPartsRequest { BucketName = bucket.Name, Key = upload.Key, UploadId = upload.UploadId };
        try
        {
            ListPartsResponse page;
            do
            {
                page = await bucket.CallAsync(S3Operation.ListParts, (sdk, token) => sdk.ListPartsAsync(request, token), cancellationToken);
                if (page.Parts?.Exists(part => part.LastModified?.ToUniversalTime() >= untouchedSince.UtcDateTime) == true) return false;
                request.PartNumberMarker = page.NextPartNumberMarker?.ToString();
            }
            while (page.IsTruncated == true);

            return true;
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.NotFound))
        {
            return false; // completed or aborted meanwhile
        }
    }

    private static async Task AbortAsync(S3Bucket bucket, MultipartUpload upload, CancellationToken cancellationToken)
    {
        var request = new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = upload.Key, UploadId = upload.UploadId };
        try
        {
            await bucket.CallAsync(S3Operation.Abort, (sdk, token) => sdk.AbortMultipartUploadAsync(request, token), cancellationToken);
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.NotFound))
        {
            // Another sweep was quicker.
        }
    }

    [GeneratedRegex(@"\A(pre-restore/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}_[0-9]{8}_[0-9]{6}\.sql\.(gz|zst)")]
    private static partial Regex Ours();
}
