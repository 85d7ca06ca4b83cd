using DeepSight.Core.Storage;

namespace DeepSight.Tests.Storage;

internal static class StoreExtensions
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<List<string>> NamesAsync(this IBackupStore store, string prefix = "", string after = "") =>
        await store.ListAsync(prefix, after, Cancelled).Select(found => found.Name).ToListAsync(Cancelled);

    public static async Task<StoredObject> UploadAsync(this IBackupStore store, string name, ReadOnlyMemory<byte> content, int pieces = 1)
    {
        await using var upload = await store.BeginUploadAsync(name, Cancelled);
        for (var i = 0; i < pieces; i++)
        {
            var from = (int)((long)content.Length * i / pieces);
            var to = (int)((long)content.Length * (i + 1) / pieces);
            await upload.WriteAsync(content[from..to], Cancelled);
        }

        return await upload.CompleteAsync(Cancelled);
    }

    public static async Task<byte[]> ReadAsync(this IBackupStore store, string name, long offset = 0, string? version = null)
    {
        await using var stream = await store.OpenReadAsync(name, offset, version, Cancelled);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, Cancelled);
        return content.ToArray();
    }

    /// <summary>Does not compress and differs by seed.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
