using System.IO.Hashing;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>One table's running totals.</summary>
internal sealed class TableTotals(CopyHeader header)
{
    private readonly XxHash3 partialRow = new();
    private long bytes;
    private Checksum checksum;

    public string Name => header.Table;

    /// <param name="row">With its line feed.</param>
    public void Row(ReadOnlySpan<byte> row)
    {
        bytes += row.Length;
        checksum.Add(row[..^1]);
    }

    /// <summary>A row that crosses chunks: hashed as it passes, with the result that it would have in one piece.</summary>
    public void RowPart(ReadOnlySpan<byte> part, bool last)
    {
        bytes += part.Length;
        partialRow.Append(last ? part[..^1] : part);
        if (!last) return;

        checksum.Add(partialRow.GetCurrentHashAsUInt64());
        partialRow.Reset();
    }

    public TableSummary Summarize() => new(header.Table, header.Columns, checksum.Count, bytes, checksum.ToString());
}
