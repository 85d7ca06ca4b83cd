using System.Text;

namespace DeepSight.Core.Postgres.Processes;

/// <summary>The end of what a tool wrote to stderr; what came before is counted and forgotten.</summary>
internal sealed class ErrorTail(IReadOnlyList<string> secrets)
{
    private const int Kept = 16 * 1024;

    private readonly Lock sync = new();
    private readonly byte[] ring = new byte[Kept];
    private long written;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (sync)
        {
            written += bytes.Length;
            if (bytes.Length > Kept) bytes = bytes[^Kept..];

            var start = (int)((written - bytes.Length) % Kept);
            var first = Math.Min(bytes.Length, Kept - start);
            bytes[..first].CopyTo(ring.AsSpan(start));
            bytes[first..].CopyTo(ring);
        }
    }

    /// <summary>Whole lines, without secrets.</summary>
    public override string ToString()
    {
        lock (sync)
        {
            var text = Scrub(Encoding.UTF8.GetString(Unrolled()));
            return written <= Kept ? text.Trim() : WholeLines(text).Trim();
        }
    }

    private byte[] Unrolled()
    {
        if (written <= Kept) return ring[..(int)written];
        var start = (int)(written % Kept);
        return [.. ring[start..], .. ring[..start]];
    }

    /// <summary>The first line was cut somewhere, perhaps within a secret that is then not recognised.</summary>
    private static string WholeLines(string text) =>
        "[…] " + (text.IndexOf('\n') is >= 0 and var end ? text[(end + 1)..] : text[(text.Length / 2)..]);

    private string Scrub(string text)
    {
        // The longest first: one may be part of another.
        foreach (var secret in secrets.Where(secret => secret.Length > 0).OrderByDescending(secret => secret.Length))
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text;
    }
}
