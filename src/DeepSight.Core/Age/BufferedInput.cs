namespace DeepSight.Core.Age;

/// <summary>Reads lines, and then the rest as bytes.</summary>
internal sealed class BufferedInput(Stream inner)
{
    private readonly byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;

    /// <summary>The next byte, which stays; null at the end.</summary>
    public async ValueTask<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        if (start == end) (start, end) = (0, await inner.ReadAsync(buffer, cancellationToken));
        return start == end ? null : buffer[start];
    }

    /// <summary>A line without its line feed; what the end cuts counts as one. Null at the end, and for a line longer than <paramref name="most"/>.</summary>
    public async ValueTask<byte[]?> ReadLineAsync(int most, CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (await PeekAsync(cancellationToken) is not null)
        {
            var at = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            var length = at < 0 ? end - start : at;
            if (line.Count + length > most) return null;
            line.AddRange(buffer.AsSpan(start, length));
            start += at < 0 ? length : length + 1;
            if (at >= 0) return [.. line];
        }

        return line.Count > 0 ? [.. line] : null;
    }

    /// <summary>Fills <paramref name="target"/>; less at the end.</summary>
    public async ValueTask<int> ReadFullyAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        var buffered = Math.Min(end - start, target.Length);
        buffer.AsSpan(start, buffered).CopyTo(target.Span);
        start += buffered;
        return buffered + await inner.ReadAtLeastAsync(target[buffered..], target.Length - buffered, throwOnEndOfStream: false, cancellationToken);
    }
}
