namespace DeepSight.Core.Dumps.Codecs;

/// <summary>
/// A compression format fed in independent blocks, so that all cores can work on one dump. Header, the output of every
/// block in order, and trailer make one ordinary file of the format.
/// </summary>
internal abstract class BlockCodec : IDisposable
{
    public static BlockCodec For(Compression compression) => compression switch
    {
        Compression.Gzip => new GzipCodec(),
        Compression.Zstd => new ZstdCodec(),
        _ => throw new ArgumentOutOfRangeException(nameof(compression)),
    };

    /// <summary>What the file starts with.</summary>
    public abstract ReadOnlyMemory<byte> Header { get; }

    /// <summary>Compresses one block into an empty <paramref name="output"/>. Called by several threads at once.</summary>
    public abstract void Compress(ReadOnlySpan<byte> block, MemoryStream output);

    /// <summary>Is shown every block, in order, by one thread: for what covers the whole file.</summary>
    public abstract void Append(ReadOnlySpan<byte> block);

    /// <summary>What the file ends with, once every block was appended.</summary>
    public abstract ReadOnlyMemory<byte> Trailer();

    public abstract void Dispose();
}
