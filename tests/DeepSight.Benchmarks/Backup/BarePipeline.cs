using System.Diagnostics;
using System.Threading.Channels;
using DeepSight.Benchmarks.Codecs;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;

namespace DeepSight.Benchmarks.Backup;

/// <summary>
/// The bare pipeline of a backup, in this process: blocks are read, inspected or not, compressed two at a time and written in
/// order. Nothing is hashed, recorded or locked.
/// </summary>
internal static class BarePipeline
{
    /// <summary>One being read, two being compressed, one being written, and two to spare.</summary>
    private const int Blocks = 6;

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
        var free = Channel.CreateUnbounded<Block>();
        for (var i = 0; i < Blocks; i++) free.Writer.TryWrite(new Block());

        // As many blocks as there are go round: read, compressed, written, read again. That bounds the memory.
        var compressing = Channel.CreateUnbounded<Task<Block>>();
        var writing = WriteAsync(compressing.Reader, free.Writer, output, cancellationToken);
        while (true)
        {
            var block = await free.Reader.ReadAsync(cancellationToken);
            block.Length = await dump.ReadAtLeastAsync(block.Content, Block.Size, throwOnEndOfStream: false, cancellationToken);
            if (block.Length == 0) break;

            inspector?.Append(block.Content.AsSpan(0, block.Length));
            compressing.Writer.TryWrite(Task.Run(() => block.Compress(codec), cancellationToken));
        }

        compressing.Writer.Complete();
        await writing;
    }

    private static async Task WriteAsync(
        ChannelReader<Task<Block>> compressed, ChannelWriter<Block> free, Stream output, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var compressing in compressed.ReadAllAsync(cancellationToken))
            {
                var block = await compressing;
                await output.WriteAsync(block.Compressed.GetBuffer().AsMemory(0, (int)block.Compressed.Length), cancellationToken);
                free.TryWrite(block);
            }
        }
        catch (Exception e)
        {
            // The reader waits for a block that won't come: it gets the reason instead.
            free.TryComplete(e);
            throw;
        }
    }

    private sealed class Block
    {
        public const int Size = 1024 * 1024;

        public byte[] Content { get; } = new byte[Size];

        public int Length { get; set; }

        public MemoryStream Compressed { get; } = new(Size / 2);

        public Block Compress(Codec codec)
        {
            Compressed.SetLength(0);
            using (var stream = codec.Open(Compressed)) stream.Write(Content, 0, Length);
            return this;
        }
    }
}
