using System.Collections.Concurrent;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace DeepSight.Core.Dumps.Codecs;

/// <summary>A zstd file (RFC 8878) of one frame a block, each with its content checksum.</summary>
internal sealed class ZstdCodec : BlockCodec
{
    /// <summary>By measurement: docs/decisions/compression.md.</summary>
    private const int Level = 2;

    /// <summary>A compressor's tables are megabytes: as many as there are threads, used again for every block.</summary>
    private readonly ConcurrentBag<Compressor> idle = [];

    public override ReadOnlyMemory<byte> Header => ReadOnlyMemory<byte>.Empty;

    public override void Compress(ReadOnlySpan<byte> block, MemoryStream output)
    {
        if (!idle.TryTake(out var compressor))
        {
            compressor = new Compressor(Level);
            // zstd leaves checksums out by default, and a flipped bit may then decompress to other rows.
            compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        }

        output.SetLength(Compressor.GetCompressBound(block.Length));
        output.SetLength(compressor.Wrap(block, output.GetBuffer()));
        idle.Add(compressor);
    }

    public override void Append(ReadOnlySpan<byte> block)
    {
        // Nothing: every frame carries its own checksum and length.
    }

    public override ReadOnlyMemory<byte> Trailer() => ReadOnlyMemory<byte>.Empty;

    public override void Dispose()
    {
        while (idle.TryTake(out var compressor)) compressor.Dispose();
    }
}
