using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace DeepSight.Core.Dumps.Codecs;

/// <summary>
/// One gzip member (RFC 1952) out of independently deflated blocks: each is flushed to a byte boundary without the final
/// bit, so the blocks concatenate to one deflate stream, and one CRC and length close it. Concatenated members would be
/// simpler, but a file cut between two members passes <c>gunzip -t</c>; this one never does.
/// </summary>
internal sealed class GzipCodec : BlockCodec
{
    /// <summary>By measurement: docs/decisions/compression.md.</summary>
    private static readonly ZLibCompressionOptions Level = new() { CompressionLevel = 3 };

    /// <summary>Magic, deflate, no flags, no time (equal dumps give equal files), no extra flags, Unix.</summary>
    private static readonly byte[] MemberHeader = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

    /// <summary>An empty deflate block with the final bit.</summary>
    private static readonly byte[] FinalBlock = [0x03, 0x00];

    private readonly Crc32 crc = new();
    private uint length;

    public override ReadOnlyMemory<byte> Header => MemberHeader;

    public override void Compress(ReadOnlySpan<byte> block, MemoryStream output)
    {
        using var deflate = new DeflateStream(output, Level, leaveOpen: true);
        deflate.Write(block);
        deflate.Flush();
        var flushed = output.Length;

        // Disposing writes the final bit, which belongs to the file and not to the block.
        deflate.Dispose();
        output.SetLength(flushed);
    }

    public override void Append(ReadOnlySpan<byte> block)
    {
        crc.Append(block);
        // Modulo 2^32, as the format has it.
        length = unchecked(length + (uint)block.Length);
    }

    public override ReadOnlyMemory<byte> Trailer()
    {
        var trailer = new byte[FinalBlock.Length + 2 * sizeof(uint)];
        FinalBlock.CopyTo(trailer, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(FinalBlock.Length), crc.GetCurrentHashAsUInt32());
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(FinalBlock.Length + sizeof(uint)), length);
        return trailer;
    }

    public override void Dispose()
    {
    }
}
