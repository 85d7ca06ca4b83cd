using System.Net;
using Amazon.S3.Model;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.S3;

/// <summary>
/// Reads one content of an object, in order. A connection that is cut or stalls is opened again where it stopped, for the very
/// same content (If-Match): two contents are never mixed, and an end that comes too early is never taken for the end.
/// </summary>
internal sealed class S3ReadStream(S3Bucket bucket, StoredObject stored, long offset) : Stream
{
    private long position = offset;
    private int failuresInARow;
    private GetObjectResponse? response;

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
    public async Task OpenAsync(S3Operation operation, CancellationToken cancellationToken)
    {
        if (position >= stored.Size) return;

        var request = new GetObjectRequest { BucketName = bucket.Name, Key = bucket.KeyOf(stored.Name), EtagToMatch = stored.Version };
        if (position > 0) request.ByteRange = new ByteRange(position, stored.Size - 1);
        try
        {
            response = await bucket.CallAsync(operation, (sdk, token) => sdk.GetObjectAsync(request, token), cancellationToken);
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.PreconditionFailed))
        {
            throw StoreFailures.Replaced(stored.Name, bucket.Location);
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.NotFound))
        {
            throw StoreFailures.NotFound(stored.Name, bucket.Location);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (position < stored.Size && !buffer.IsEmpty)
        {
            if (response is null) await OpenAsync(S3Operation.ResumeRead, cancellationToken);
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

    protected override void Dispose(bool disposing)
    {
        if (disposing) response?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Zero when the connection was lost; the next round opens another.</summary>
    private async ValueTask<int> TryReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(bucket.Patience.Stall, cancellationToken);
        try
        {
            var count = await response!.ResponseStream.ReadAsync(buffer, watch.Token);
            if (count > 0) return count;
            await GiveUpConnectionAsync(new IOException("the connection ended too early"), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && (watch.HasStalled || S3Faults.IsOurs(e)))
        {
            await GiveUpConnectionAsync(watch.HasStalled ? new TimeoutException($"nothing came for {watch.Limit.TotalSeconds:0} seconds", e) : e, cancellationToken);
        }

        return 0;
    }

    private async Task GiveUpConnectionAsync(Exception reason, CancellationToken cancellationToken)
    {
        response?.Dispose();
        response = null;
        // A service that lets itself be asked again but never sends a byte must not be asked for ever.
        if (++failuresInARow > bucket.Patience.PatientRetries) throw bucket.Explain(reason, S3Operation.ResumeRead);

        bucket.Log.LogWarning("S3: the download was cut at byte {Position} ({Fault}); going on from there", position, S3Errors.Fault(reason));
        await Task.Delay(bucket.Patience.FirstDelay * (failuresInARow - 1), cancellationToken);
    }
}
