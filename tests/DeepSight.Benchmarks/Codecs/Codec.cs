using System.IO.Compression;

namespace DeepSight.Benchmarks.Codecs;

/// <summary>One way to compress a block into a gzip member or zstd frame of its own.</summary>
internal sealed record Codec(string Name, Func<Stream, Stream> Open)
{
    public static Codec Gzip(int level) =>
        new($"gzip {level}", output => new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true));

    public static Codec Zstd(int level) =>
        new($"zstd {level}", output => new ZstdSharp.CompressionStream(output, level, leaveOpen: true));
}
