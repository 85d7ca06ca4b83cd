using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace DeepSight.Core.Storage.Transfers;

/// <summary>One part of an upload, gathered in blocks of the pool until it is sent.</summary>
internal sealed class PartBuffer(BlockPool pool, int number, long capacity) : IDisposable
{
    private readonly List<byte[]> blocks = [];

    public int Number { get; } = number;

    public long Length { get; private set; }

    public bool IsFull => Length == capacity;

    /// <summary>All of a small content.</summary>
    public static async Task<PartBuffer> GatherAsync(BlockPool pool, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        pool.GrowTo(content.Length);
        var buffer = new PartBuffer(pool, 1, content.Length);
        while (!buffer.IsFull)
            content = content[await buffer.FillAsync(content, cancellationToken)..];
        return buffer;
    }

    /// <summary>Takes what fits, waiting for memory where none is free, and returns how much that was.</summary>
    public async Task<int> FillAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var offset = (int)(Length % BlockPool.BlockSize);
        if (offset == 0) blocks.Add(await pool.RentAsync(cancellationToken));

        var count = (int)Math.Min(content.Length, Math.Min(capacity - Length, BlockPool.BlockSize - offset));
        content.Span[..count].CopyTo(blocks[^1].AsSpan(offset));
        Length += count;
        return count;
    }

    /// <summary>A stream over the content, for one attempt to send it.</summary>
    public PartStream Open(StallWatch watch) => new(blocks, Length, watch);

    /// <summary>Base64 of the big-endian CRC32, as <c>x-amz-checksum-crc32</c> wants it.</summary>
    public string Crc32()
    {
        var crc = new Crc32();
        foreach (var piece in Pieces()) crc.Append(piece.Span);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, crc.GetCurrentHashAsUInt32());
        return Convert.ToBase64String(bytes);
    }

    /// <summary>Base64, as <c>Content-MD5</c> wants it: a check against accidents, not against attackers.</summary>
    public string Md5()
    {
#pragma warning disable CA5351 // the services prescribe it
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        foreach (var piece in Pieces()) md5.AppendData(piece.Span);
        return Convert.ToBase64String(md5.GetHashAndReset());
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (var block in blocks) pool.Return(block);
        blocks.Clear();
        Length = 0;
    }

    private IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        for (long from = 0; from < Length; from += BlockPool.BlockSize)
            yield return blocks[(int)(from / BlockPool.BlockSize)].AsMemory(0, (int)Math.Min(BlockPool.BlockSize, Length - from));
    }
}
