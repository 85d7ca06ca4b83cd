using System.Threading.Channels;
using DeepSight.Core.Dumps.Codecs;

namespace DeepSight.Core.Dumps;

/// <summary>
/// Turns a stream of SQL into compressed bytes with reading, compressing and writing side by side. Blocks are compressed
/// on as many threads as there are cores and handed on in their order. A fixed set of buffers goes round, so a slow
/// writer slows the reader and memory does not grow.
/// </summary>
internal static class CompressionPipeline
{
    /// <summary>Bytes of SQL a block: large enough that starting afresh costs under 1% of the ratio.</summary>
    public const int BlockSize = 1 << 20;

    /// <param name="sql">Read to its end.</param>
    /// <param name="inspect">Sees every byte of SQL, in order, on the reading thread.</param>
    /// <param name="write">Gets the compressed bytes, in order. They are valid until its task ends.</param>
    public static async Task RunAsync(Stream sql, Compression compression, Action<ReadOnlyMemory<byte>> inspect,
        Func<ReadOnlyMemory<byte>, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using var codec = BlockCodec.For(compression);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var blocks = Environment.ProcessorCount + 2;
        var idle = Channel.CreateBounded<Block>(blocks);
        var compressing = Channel.CreateBounded<Task<Block>>(blocks);
        for (var i = 0; i < blocks; i++) idle.Writer.TryWrite(new Block());

        var reading = StopOthersOnFailure(ReadAsync());
        var writing = StopOthersOnFailure(WriteAsync());
        await Task.WhenAll(reading, writing);

        async Task ReadAsync()
        {
            await Task.Yield();
            try
            {
                while (true)
                {
                    var block = await idle.Reader.ReadAsync(stop.Token);
                    block.Length = await sql.ReadAtLeastAsync(block.Sql, BlockSize, throwOnEndOfStream: false, stop.Token);
                    if (block.Length == 0) return;

                    await compressing.Writer.WriteAsync(Task.Run(() => block.Compress(codec), stop.Token), stop.Token);
                    inspect(block.Sql.AsMemory(0, block.Length));
                    codec.Append(block.Sql.AsSpan(0, block.Length));
                    block.Inspected.Release();
                }
            }
            finally
            {
                compressing.Writer.Complete();
            }
        }

        async Task WriteAsync()
        {
            await Task.Yield();
            await write(codec.Header, stop.Token);
            await foreach (var pending in compressing.Reader.ReadAllAsync(stop.Token))
            {
                var block = await pending;
                await write(block.Compressed.GetBuffer().AsMemory(0, (int)block.Compressed.Length), stop.Token);
                await block.Inspected.WaitAsync(stop.Token);
                await idle.Writer.WriteAsync(block, stop.Token);
            }

            await write(codec.Trailer(), stop.Token);
        }

        async Task StopOthersOnFailure(Task task)
        {
            try
            {
                await task;
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
        }
    }

    private sealed class Block
    {
        public byte[] Sql { get; } = GC.AllocateUninitializedArray<byte>(BlockSize);

        public int Length { get; set; }

        public MemoryStream Compressed { get; } = new();

        /// <summary>The block is read by the inspector and a compressor at once; it is free when both are done.</summary>
        public SemaphoreSlim Inspected { get; } = new(0);

        public Block Compress(BlockCodec codec)
        {
            Compressed.SetLength(0);
            codec.Compress(Sql.AsSpan(0, Length), Compressed);
            return this;
        }
    }
}
