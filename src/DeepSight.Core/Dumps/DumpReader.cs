using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.IO.Pipelines;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps.Sealing;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace DeepSight.Core.Dumps;

/// <summary>Reads a dump once: the stored bytes are hashed, opened where sealed, and decompressed by what they are, whatever the file is called.</summary>
internal sealed class DumpReader : IAsyncDisposable
{
    private readonly DumpSource source;
    private readonly Stream stored;
    private readonly HashingStream hashed;
    private readonly Stream? opened;
    private readonly Stream sql;
    private readonly Crc32? gzipSum;
    private long sqlBytes;

    private DumpReader(DumpSource source, Stream stored, HashingStream hashed, Stream? opened, DumpFormat format, Stream content)
    {
        (this.source, this.stored, this.hashed, this.opened) = (source, stored, hashed, opened);
        sql = format switch
        {
            DumpFormat.Gzip => new GZipStream(content, CompressionMode.Decompress),
            DumpFormat.Zstd => Zstd(content),
            _ => content,
        };
        // Who has a manifest has a checksum of the whole file, and age proves its end; gzip's own then adds nothing.
        if (format == DumpFormat.Gzip && source.Manifest is null && opened is null) gzipSum = new Crc32();
    }

    /// <summary>A frame may ask for a window of gigabytes; <c>zstd --ultra -22</c> takes 128 MiB, which is zstd's own limit too.</summary>
    private static DecompressionStream Zstd(Stream content)
    {
        const int windowLog = 27;
        var stream = new DecompressionStream(content, leaveOpen: false);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, windowLog);
        return stream;
    }

    /// <summary>Of the stored file, read so far; any thread may ask.</summary>
    public long StoredBytes => hashed.BytesRead;

    /// <exception cref="DeepSightException">It can't be read, or is no dump for psql at all (<see cref="FailureKind.Corrupt"/>).</exception>
    public static async Task<DumpReader> OpenAsync(DumpSource source, CancellationToken cancellationToken)
    {
        var stored = await source.OpenAsync(cancellationToken);
        try
        {
            var hashed = new HashingStream(stored);
            var (start, content) = await PeekAsync(hashed, cancellationToken);
            var opened = AgeReader.IsStart(start) ? await SealedFile.OpenAsync(source, content, cancellationToken) : null;
            if (opened is not null) (start, content) = await PeekAsync(opened, cancellationToken);
            return new DumpReader(source, stored, hashed, opened, DumpFormats.Detect(source, start), content);
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    /// <summary>The beginning, and the whole from there.</summary>
    private static async Task<(byte[] Start, Stream Content)> PeekAsync(Stream stream, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 1 << 18));
        var buffer = (await pipe.ReadAtLeastAsync(DumpFormats.StartLength, cancellationToken)).Buffer;
        var start = buffer.Slice(0, Math.Min(DumpFormats.StartLength, buffer.Length)).ToArray();
        pipe.AdvanceTo(buffer.Start);
        return (start, pipe.AsStream());
    }

    /// <summary>Fills the buffer with SQL; less, or 0, at the end.</summary>
    /// <exception cref="DeepSightException">It can't be decompressed (<see cref="FailureKind.Corrupt"/>).</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var read = await sql.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            gzipSum?.Append(buffer.Span[..read]);
            sqlBytes += read;
            if (source.Manifest is { } manifest && sqlBytes > manifest.SqlBytes)
                throw DumpFormats.Corrupt(source, $"it holds more SQL than the {manifest.SqlBytes:N0} bytes that its manifest says");
            return read;
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            throw DumpFormats.Corrupt(source, $"it can't be decompressed beyond {sqlBytes:N0} bytes of SQL", e);
        }
    }

    /// <summary>After the end: reads what the decompressor left and checks the whole.</summary>
    /// <returns>SHA-256 of the stored file.</returns>
    /// <exception cref="DeepSightException">It is cut, or isn't the file of its manifest (<see cref="FailureKind.Corrupt"/>).</exception>
    public async Task<string> FinishAsync(CancellationToken cancellationToken)
    {
        // That nothing of a sealed file was altered or cut is proven at its end only.
        if (opened is not null) await opened.CopyToAsync(Stream.Null, cancellationToken);
        var sha256 = await hashed.FinishAsync(cancellationToken);
        if (source.Manifest is { } manifest && sha256 != manifest.Sha256)
            throw DumpFormats.Corrupt(source, $"its SHA-256 is {sha256}, the manifest says {manifest.Sha256}");

        // .NET's decompressor takes a file that is cut for one that ends.
        if (gzipSum is not null && !IsGzipEnd(gzipSum.GetCurrentHashAsUInt32()))
            throw DumpFormats.Corrupt(source, "gzip's own checksum at its end is missing or wrong: the file is cut, or is several gzip files in one");
        return sha256;
    }

    public async ValueTask DisposeAsync()
    {
        await sql.DisposeAsync();
        await hashed.DisposeAsync();
        await stored.DisposeAsync();
    }

    // RFC 1952: CRC-32, then the length modulo 2^32.
    private bool IsGzipEnd(uint sum) =>
        BinaryPrimitives.ReadUInt32LittleEndian(hashed.Tail) == sum
        && BinaryPrimitives.ReadUInt32LittleEndian(hashed.Tail[sizeof(uint)..]) == unchecked((uint)sqlBytes);
}
