using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using DeepSight.Core.Dumps;
using ZstdSharp;

namespace DeepSight.Tests.Dumps;

public sealed class CompressionPipelineTests
{
    public static TheoryData<Compression, int> Sizes => new MatrixTheoryData<Compression, int>(
        [Compression.Gzip, Compression.Zstd],
        [0, 1, CompressionPipeline.BlockSize - 1, CompressionPipeline.BlockSize, 7 * CompressionPipeline.BlockSize + 3]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_is_compressed_decompresses_to_the_same_bytes(Compression compression, int size)
    {
        var sql = SomeSql(size);

        var stored = await CompressAsync(sql, compression);

        Assert.Equal(sql, Decompress(stored, compression));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task The_inspector_sees_every_byte_in_order(Compression compression, int size)
    {
        var sql = SomeSql(size);
        using var seen = new MemoryStream();

        await CompressionPipeline.RunAsync(new MemoryStream(sql), compression, block => seen.Write(block.Span), (_, _) => Task.CompletedTask, Cancel);

        Assert.Equal(SHA256.HashData(sql), SHA256.HashData(seen.ToArray()));
    }

    [Fact]
    public async Task A_gzip_backup_is_one_member_that_the_gzip_program_accepts_and_any_cut_fails_it()
    {
        var stored = await CompressAsync(SomeSql(3 * CompressionPipeline.BlockSize + 17), Compression.Gzip);

        Assert.Equal(0, await GzipTestAsync(stored));
        for (var cut = 1; cut < stored.Length; cut = cut * 3 + 1)
            Assert.NotEqual(0, await GzipTestAsync(stored.AsMemory(0, stored.Length - cut)));
    }

    [Fact]
    public async Task A_failed_write_ends_the_reading_and_is_what_is_thrown()
    {
        var failure = new IOException("No space left on device");

        var thrown = await Assert.ThrowsAsync<IOException>(() => CompressionPipeline.RunAsync(
            new EndlessStream(), Compression.Gzip, _ => { }, (_, _) => throw failure, Cancel));

        Assert.Same(failure, thrown);
    }

    [Fact]
    public async Task A_failed_inspection_ends_the_writing_and_is_what_is_thrown()
    {
        var failure = new InvalidOperationException("not SQL");

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => CompressionPipeline.RunAsync(
            new EndlessStream(), Compression.Gzip, _ => throw failure, (_, _) => Task.CompletedTask, Cancel));

        Assert.Same(failure, thrown);
    }

    [Fact]
    public async Task A_slow_writer_stops_the_reader_instead_of_filling_memory()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var endless = new EndlessStream();
        var running = CompressionPipeline.RunAsync(endless, Compression.Gzip, _ => { },
            (_, token) => Task.Delay(Timeout.Infinite, token), stop.Token);

        long before;
        do
        {
            before = endless.BytesRead;
            await Task.Delay(200, Cancel);
        }
        while (endless.BytesRead != before);

        Assert.True(endless.BytesRead <= (Environment.ProcessorCount + 3L) * CompressionPipeline.BlockSize);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<byte[]> CompressAsync(byte[] sql, Compression compression)
    {
        using var stored = new MemoryStream();
        await CompressionPipeline.RunAsync(new MemoryStream(sql), compression, _ => { },
            async (bytes, token) => await stored.WriteAsync(bytes, token), Cancel);
        return stored.ToArray();
    }

    private static byte[] Decompress(byte[] stored, Compression compression)
    {
        using Stream stream = compression == Compression.Gzip
            ? new GZipStream(new MemoryStream(stored), CompressionMode.Decompress)
            : new DecompressionStream(new MemoryStream(stored));
        using var sql = new MemoryStream();
        stream.CopyTo(sql);
        return sql.ToArray();
    }

    private static async Task<int> GzipTestAsync(ReadOnlyMemory<byte> stored)
    {
        using var gzip = Process.Start(new ProcessStartInfo("gzip", "-t") { RedirectStandardInput = true, RedirectStandardError = true })!;
        await gzip.StandardInput.BaseStream.WriteAsync(stored, Cancel);
        gzip.StandardInput.Close();
        await gzip.WaitForExitAsync(Cancel);
        return gzip.ExitCode;
    }

    /// <summary>Rows of varying numbers and words: neither constant nor incompressible.</summary>
    private static byte[] SomeSql(int size)
    {
        var random = new Random(size);
        using var sql = new MemoryStream(size);
        while (sql.Length < size)
            sql.Write(System.Text.Encoding.UTF8.GetBytes($"{sql.Length}\tVidéo n° {random.Next(1000)}\t{random.NextDouble()}\n"));
        return sql.ToArray()[..size];
    }

    private sealed class EndlessStream : MemoryStream
    {
        private long bytesRead;

        public long BytesRead => Interlocked.Read(ref bytesRead);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Interlocked.Add(ref bytesRead, buffer.Length);
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
