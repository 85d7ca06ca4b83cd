using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace DeepSight.Core.Storage.S3;

/// <summary>Lists the objects of a prefix, a thousand a request.</summary>
internal static class S3Listing
{
    /// <summary>In ordinal order, which S3 keeps by itself. Leases, folder markers and foreign names are passed over.</summary>
    public static async IAsyncEnumerable<StoredObject> ReadAsync(S3Bucket bucket, string prefix, string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = bucket.Name,
            Prefix = bucket.Settings.NormalPrefix + prefix,
            StartAfter = after.Length > 0 ? bucket.Settings.NormalPrefix + after : null,
            // A foreign key may hold a character that XML can't.
            Encoding = EncodingType.Url,
        };
        do
        {
            var page = await bucket.CallAsync(S3Operation.List, (sdk, token) => sdk.ListObjectsV2Async(request, token), cancellationToken);
            foreach (var found in page.S3Objects ?? [])
                if (bucket.NameOf(WebUtility.UrlDecode(found.Key)) is { } name && !name.StartsWith(Leases.LeaseRecord.Folder, StringComparison.Ordinal))
                    yield return new StoredObject(name, found.Size ?? 0, new DateTimeOffset((found.LastModified ?? default).ToUniversalTime(), TimeSpan.Zero), found.ETag);

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
    }
}
