using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.Transfers;

/// <summary>
/// Reads one content of an object, in order. A connection that is cut or stalls is opened again where it stopped, for the very
/// same content (If-Match): two contents are never mixed, and an end that comes too early is never taken for the end.
/// </summary>
internal abstract class ResumingStream(StoredObject stored, long offset, ServiceFaults faults, StorePatience patience, ILogger log) : Stream
{
    private long position = offset;
    private int failuresInARow;
    private Stream? content;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => stored.Size;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    /// <summary>Asks for the content, so that what stands in the way shows at once and not with the first read.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => OpenAsync(isResumed: false, cancellationToken);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (position < stored.Size && !buffer.IsEmpty)
        {
            if (content is null) await OpenAsync(isResumed: true, cancellationToken);
            var count = await TryReadAsync(buffer, cancellationToken);
            if (count == 0) continue;

            failuresInARow = 0;
            position += count;
            return count;
        }

        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <exception cref="NotSupportedException">Always: nothing here waits without a token.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    /// <summary>Asks for this very content from <paramref name="position"/> on.</summary>
    /// <param name="position">Less than the size.</param>
    /// <param name="isResumed">Part of it was read: worth more patience than the first attempt.</param>
    /// <exception cref="DeepSightException">It is gone, was replaced, or can't be read.</exception>
    protected abstract Task<Stream> ConnectAsync(long position, bool isResumed, CancellationToken cancellationToken);

    /// <summary>The failure that ends the reading.</summary>
    protected abstract DeepSightException Explain(Exception e);

    protected override void Dispose(bool disposing)
    {
        if (disposing) content?.Dispose();
        base.Dispose(disposing);
    }

    private async Task OpenAsync(bool isResumed, CancellationToken cancellationToken)
    {
        if (position < stored.Size) content = await ConnectAsync(position, isResumed, cancellationToken);
    }

    /// <summary>Zero when the connection was lost; the next round opens another.</summary>
    private async ValueTask<int> TryReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(patience.Stall, cancellationToken);
        try
        {
            var count = await content!.ReadAsync(buffer, watch.Token);
            if (count > 0) return count;
            await GiveUpConnectionAsync(new IOException("the connection ended too early"), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && (watch.HasStalled || faults.IsOurs(e)))
        {
            await GiveUpConnectionAsync(watch.HasStalled ? new TimeoutException($"nothing came for {watch.Limit.TotalSeconds:0} seconds", e) : e, cancellationToken);
        }

        return 0;
    }

    private async Task GiveUpConnectionAsync(Exception reason, CancellationToken cancellationToken)
    {
        content?.Dispose();
        content = null;
        // A service that lets itself be asked again but never sends a byte must not be asked for ever.
        if (++failuresInARow > patience.PatientRetries) throw Explain(reason);

        log.LogWarning("{Service}: the download was cut at byte {Position} ({Fault}); going on from there", faults.Service, position, faults.Describe(reason));
        await Task.Delay(patience.FirstDelay * (failuresInARow - 1), cancellationToken);
    }
}
