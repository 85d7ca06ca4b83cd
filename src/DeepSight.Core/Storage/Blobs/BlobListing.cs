using System.Runtime.CompilerServices;
using Azure.Storage.Blobs.Models;
using DeepSight.Core.Storage.Leases;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>Lists the blobs of a prefix, five thousand a request, in ordinal order.</summary>
internal static class BlobListing
{
    private const int PageSize = 5_000;

    /// <summary>Leases and foreign names are passed over. From where on is not asked for: emulators don't know it, and a request of five thousand is cheap.</summary>
    public static async IAsyncEnumerable<StoredObject> ReadAsync(BlobContainer container, string prefix, string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in BlobsAsync(container, prefix, BlobStates.None, cancellationToken))
            if (container.NameOf(found.Name) is { } name && string.CompareOrdinal(name, after) > 0 && !name.StartsWith(LeaseRecord.Folder, StringComparison.Ordinal))
                yield return new StoredObject(name, found.Properties.ContentLength ?? 0, found.Properties.LastModified ?? default, found.Properties.ETag?.ToString("H") ?? "");
    }

    public static async IAsyncEnumerable<BlobItem> BlobsAsync(BlobContainer container, string prefix, BlobStates states, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? from = null;
        do
        {
            var page = await container.CallAsync(BlobOperation.List, token => PageAsync(from, token), cancellationToken);
            foreach (var blob in page.Values) yield return blob;
            from = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(from));

        async Task<Azure.Page<BlobItem>> PageAsync(string? after, CancellationToken token)
        {
            var options = new GetBlobsOptions { States = states, Prefix = container.Settings.NormalPrefix + prefix };
            await foreach (var page in container.Client.GetBlobsAsync(options, token).AsPages(after, PageSize)) return page;
            throw new InvalidOperationException("A listing has at least one page.");
        }
    }
}
