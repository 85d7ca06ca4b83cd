using System.Globalization;
using System.IO.Hashing;

namespace DeepSight.Core.Dumps;

/// <summary>
/// A checksum of many texts that doesn't depend on their order: the sum modulo 2^64 of each one's XxHash3. It tells chance
/// damage and difference, not forgery, for which the stored object has its SHA-256. (An exclusive or would lose equal rows in
/// pairs.)
/// </summary>
internal struct Checksum
{
    private ulong sum;

    public long Count { get; private set; }

    public void Add(ReadOnlySpan<byte> text) => Add(XxHash3.HashToUInt64(text));

    public void Add(ulong hash)
    {
        sum = unchecked(sum + hash);
        Count++;
    }

    public override readonly string ToString() => sum.ToString("x16", CultureInfo.InvariantCulture);
}
