using System.Collections.Concurrent;

namespace DeepSight.Core.Storage.Transfers;

/// <summary>
/// The memory of one upload, in blocks that are used again and again. Who wants a block when all are in use waits: that is
/// how a slow service slows the dump down instead of filling the memory.
/// </summary>
internal sealed class BlockPool : IDisposable
{
    public const int BlockSize = 1 << 20;

    private readonly ConcurrentBag<byte[]> free = [];
    private readonly SemaphoreSlim available = new(0);
    private long limit;

    /// <summary>Allows at least that many bytes at once. Never shrinks.</summary>
    public void GrowTo(long bytes)
    {
        var blocks = (bytes + BlockSize - 1) / BlockSize;
        if (blocks <= limit) return;
        available.Release((int)(blocks - limit));
        limit = blocks;
    }

    public async Task<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        await available.WaitAsync(cancellationToken);
        return free.TryTake(out var block) ? block : GC.AllocateUninitializedArray<byte>(BlockSize);
    }

    public void Return(byte[] block)
    {
        free.Add(block);
        available.Release();
    }

    public void Dispose() => available.Dispose();
}
