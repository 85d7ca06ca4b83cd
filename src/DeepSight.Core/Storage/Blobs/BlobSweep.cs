using System.Text.RegularExpressions;
using Azure.Storage.Blobs.Models;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>
/// Finds uploads that an interrupted process left behind: blocks that were staged and never committed. They are in no listing but this,
/// nobody can remove them without making the blob for a moment, and the service discards them a week after the last one came
/// (learn.microsoft.com/rest/api/storageservices/put-block).
/// </summary>
internal static partial class BlobSweep
{
    private const string Pending = ".pending";

    public static async Task<IReadOnlyList<string>> RunAsync(BlobContainer container, string? only, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        var told = new List<string>();
        var marked = new HashSet<string>(StringComparer.Ordinal);
        var empty = new List<string>();
        await foreach (var blob in BlobListing.BlobsAsync(container, only ?? "", BlobStates.Uncommitted, cancellationToken))
        {
            if (container.NameOf(blob.Name) is not { } name) continue;
            // The service does not say when the blocks came; a running backup keeps its marker young.
            if (name.EndsWith(Pending, StringComparison.Ordinal) && blob.Properties.LastModified >= untouchedSince) marked.Add(name[..^Pending.Length]);
            else if (blob.Properties.ContentLength is null or 0 && Ours().IsMatch(name) && (only is null || name == only)) empty.Add(name);
        }

        // Only a look at it tells an empty blob from blocks without one.
        foreach (var name in empty.Where(name => !marked.Contains(name)))
            if (await container.FindAsync(name, BlobOperation.Find, cancellationToken) is null)
                told.Add($"unfinished upload of {container.Location}{name}: its blocks are in no listing, and the service discards them within a week");
        return told;
    }

    [GeneratedRegex(@"\A(pre-restore/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}_[0-9]{8}_[0-9]{6}\.sql\.(gz|zst)")]
    private static partial Regex Ours();
}
