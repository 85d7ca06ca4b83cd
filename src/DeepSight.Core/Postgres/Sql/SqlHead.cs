namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// The first bytes of something that arrives in parts. Grows as needed, up to its limit; what exceeds it is let go.
/// </summary>
internal sealed class SqlHead(int limit)
{
    private byte[] bytes = new byte[Math.Min(limit, 64)];
    private int count;

    public ReadOnlySpan<byte> Bytes => bytes.AsSpan(0, count);

    public bool IsEmpty => count == 0;

    public void Clear() => count = 0;

    public void Append(ReadOnlySpan<byte> part)
    {
        if (part.Length > limit - count) part = part[..(limit - count)];
        var needed = count + part.Length;
        if (needed > bytes.Length) Array.Resize(ref bytes, Math.Min(limit, Math.Max(2 * bytes.Length, needed)));
        part.CopyTo(bytes.AsSpan(count));
        count += part.Length;
    }
}
