using System.Buffers;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>Reads SQL through a <see cref="SqlFilter"/>.</summary>
internal sealed class SqlFilterStream : Stream
{
    private readonly Stream source;
    private readonly SqlFilter filter;
    private readonly ArrayBufferWriter<byte> filtered = new();
    private readonly byte[] chunk = new byte[1 << 16];
    private int taken;
    private bool ended;

    public SqlFilterStream(Stream source, SqlFilterRules rules)
    {
        this.source = source;
        filter = new SqlFilter(rules, filtered);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (taken == filtered.WrittenCount && !ended)
        {
            filtered.ResetWrittenCount();
            taken = 0;
            var read = await source.ReadAsync(chunk, cancellationToken);
            if (read > 0) filter.Append(chunk.AsSpan(0, read));
            else Complete();
        }

        var count = Math.Min(buffer.Length, filtered.WrittenCount - taken);
        filtered.WrittenMemory.Slice(taken, count).CopyTo(buffer);
        taken += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Complete()
    {
        // How a dump ends is the inspector's to judge, who sees the same bytes.
        filter.Complete();
        ended = true;
    }
}
