namespace DeepSight.Core.Postgres.Sql;

/// <content>psql's own commands: from a backslash in code to the end of the line.</content>
internal sealed partial class SqlScanner
{
    private long metaOffset;
    private long metaLine;
    private readonly SqlHead metaHead = new(1024);

    private int BeginMetaCommand(ReadOnlySpan<byte> chunk, int at)
    {
        Deliver(chunk, at);
        text = Text.MetaCommand;
        state = State.MetaCommand;
        metaOffset = chunkOffset + at;
        metaLine = line;
        metaHead.Clear();
        return at + 1;
    }

    private int ScanMetaCommand(ReadOnlySpan<byte> chunk, int at)
    {
        var length = chunk[at..].IndexOf((byte)'\n');
        if (length < 0) return chunk.Length;
        Deliver(chunk, at + length);
        EndMetaCommand(chunkOffset + at + length);
        return at + length;
    }

    private void EndMetaCommand(long end)
    {
        state = State.Code;
        text = inStatement ? Text.Statement : Text.Blank;
        sink.OnMetaCommand(new SqlStatement
        {
            Head = metaHead.Bytes,
            Offset = metaOffset,
            Length = end - metaOffset,
            Line = metaLine,
            IsWithinStatement = inStatement,
        });
    }
}
