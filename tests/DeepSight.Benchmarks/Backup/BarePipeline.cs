using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;
using DeepSight.Benchmarks.Codecs;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Backup;
using DeepSight.Core.Postgres;

namespace DeepSight.Benchmarks.Backup;

/// <summary>
/// The bare pipeline of a backup, in this process: blocks are read, inspected or not, compressed two at a time and written in
/// order. Nothing is hashed, recorded or locked.
/// </summary>
internal static class BarePipeline
{
    private const int BlockBytes = 1024 * 1024;
    private const int AtOnce = 2;

    public static Side Of(string name, Codec codec, Func<DumpInspector?> newInspector, BenchServer server, DatabaseUrl database) =>
        new(name, cancellationToken => RunAsync(codec, newInspector(), server, database, cancellationToken));

    private static async Task<Measurement> RunAsync(
        Codec codec, DumpInspector? inspector, BenchServer server, DatabaseUrl database, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(BenchServer.OutputFolder);
        var file = Path.Combine(BenchServer.OutputFolder, "pipeline");
        var clock = Stopwatch.StartNew();
        await using (var output = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            await using var dump = PostgresTools.StartDump(database, server.Client, new DumpOptions(), cancellationToken);
            await PumpAsync(dump.Output, codec, inspector, output, cancellationToken);
            await dump.WaitForSuccessAsync();
            inspector?.Complete();
        }

        clock.Stop();
        var written = new FileInfo(file).Length;
        File.Delete(file);
        return new Measurement(clock.Elapsed, written);
    }

    private static async Task PumpAsync(
        Stream dump, Codec codec, DumpInspector? inspector, Stream output, CancellationToken cancellationToken)
    {
        // Bounds what waits to be written: blocks in the channel, one that the writer waits for and one that the reader adds.
        var compressing = Channel.CreateBounded<Task<MemoryStream>>(AtOnce);
        var writing = WriteAsync(compressing.Reader, output, cancellationToken);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        while (true)
        {
            var read = await dump.ReadAtLeastAsync(block.AsMemory(0, BlockBytes), BlockBytes, throwOnEndOfStream: false, cancellationToken);
            if (read == 0) break;

            inspector?.Append(block.AsSpan(0, read));
            var full = block;
            await compressing.Writer.WriteAsync(Task.Run(() => Compress(codec, full, read), cancellationToken), cancellationToken);
            block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        }

        compressing.Writer.Complete();
        await writing;
        ArrayPool<byte>.Shared.Return(block);
    }

    private static MemoryStream Compress(Codec codec, byte[] block, int length)
    {
        var compressed = new MemoryStream(length / 2);
        using (var stream = codec.Open(compressed)) stream.Write(block, 0, length);
        ArrayPool<byte>.Shared.Return(block);
        return compressed;
    }

    private static async Task WriteAsync(
        ChannelReader<Task<MemoryStream>> compressed, Stream output, CancellationToken cancellationToken)
    {
        await foreach (var block in compressed.ReadAllAsync(cancellationToken))
        {
            using var content = await block;
            await output.WriteAsync(content.GetBuffer().AsMemory(0, (int)content.Length), cancellationToken);
        }
    }
}
