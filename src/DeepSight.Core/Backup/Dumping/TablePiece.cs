using System.IO.Pipelines;

namespace DeepSight.Core.Backup.Dumping;

/// <summary>The rows of some blocks of a table, read by one session and waiting for their turn.</summary>
internal sealed class TablePiece
{
    public const int SegmentBytes = 1 << 16;

    private readonly TextDensity density;
    private readonly long blocks;

    private TablePiece(LargeTable table, long from, long? to, int bytes, TextDensity density)
    {
        (Table, Copy, IsLast) = (table.Qualified, table.Copy(from, to), to is null);
        (this.density, blocks) = (density, (to ?? table.Blocks) - from);
        // It may come out a little longer than expected.
        var mostAhead = bytes + bytes / 4;
        Rows = new Pipe(new PipeOptions(pauseWriterThreshold: mostAhead, resumeWriterThreshold: mostAhead / 2, minimumSegmentSize: SegmentBytes, useSynchronizationContext: false));
    }

    public string Table { get; }

    /// <summary>The statement that reads it.</summary>
    public string Copy { get; }

    public bool IsLast { get; }

    public Pipe Rows { get; }

    public static IEnumerable<TablePiece> Of(LargeTable table, int bytes)
    {
        var density = new TextDensity(table);
        for (long from = 0, to; ; from = to)
        {
            to = from + density.BlocksOf(bytes);
            yield return new TablePiece(table, from, to < table.Blocks ? to : null, bytes, density);
            if (to >= table.Blocks) yield break;
        }
    }

    /// <summary>It came out as so many bytes.</summary>
    public void HasRead(long text) => density.Add(blocks, text);
}

/// <summary>How much text the blocks of a table make: long values are stored compressed. A piece that is larger than what may wait would keep its session waiting.</summary>
internal sealed class TextDensity(LargeTable table)
{
    /// <summary>Until the first piece is read.</summary>
    private const int TimesStored = 4;

    private readonly Lock sync = new();
    private long blocks;
    private long text;

    public void Add(long moreBlocks, long moreText)
    {
        lock (sync) (blocks, text) = (blocks + moreBlocks, text + moreText);
    }

    /// <summary>At least one.</summary>
    public long BlocksOf(long bytes)
    {
        lock (sync)
        {
            var ofOne = text > 0 ? (double)text / blocks : (double)TimesStored * table.Bytes / Math.Max(1, table.Blocks);
            return Math.Max(1, (long)(bytes / ofOne));
        }
    }
}
