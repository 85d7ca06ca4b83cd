using System.Collections.Concurrent;
using System.Globalization;

namespace DeepSight.Core.Restore.Loading;

/// <summary>Holds what was sent in each COPY against what the server says it took: <c>COPY 5</c>.</summary>
internal sealed class CopyTags
{
    private const string Tag = "COPY ";

    private readonly ConcurrentQueue<(string Table, long Rows)> sent = new();

    /// <summary>The first disagreement, for people; null while there is none.</summary>
    public string? Mismatch { get; private set; }

    /// <summary>A COPY whose answer hasn't come; null when all have.</summary>
    public string? Unanswered => sent.TryPeek(out var next) ? next.Table : null;

    /// <summary>Called before the end of the data is sent, so before its answer can come.</summary>
    public void Sent(string table, long rows) => sent.Enqueue((table, rows));

    /// <summary>Takes a line that psql printed.</summary>
    public void Printed(string line)
    {
        if (!line.StartsWith(Tag, StringComparison.Ordinal)
            || !long.TryParse(line.AsSpan(Tag.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var taken)) return;

        if (!sent.TryDequeue(out var copy)) Mismatch ??= $"The server answered a COPY of {taken:N0} rows that was not sent.";
        else if (copy.Rows != taken) Mismatch ??= $"{copy.Rows:N0} rows of {copy.Table} were sent and the server took {taken:N0}.";
    }
}
