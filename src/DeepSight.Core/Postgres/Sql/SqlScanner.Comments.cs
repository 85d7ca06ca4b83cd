namespace DeepSight.Core.Postgres.Sql;

/// <content>Comments: <c>--</c> to the end of the line, and <c>/* */</c>, which nest.</content>
internal sealed partial class SqlScanner
{
    private int commentDepth;

    private int ScanDash(ReadOnlySpan<byte> chunk, int at)
    {
        if (chunk[at] != '-') return EndOperator(chunk, at);

        if (!inStatement)
        {
            if (at - 1 > from) Deliver(chunk, at - 1);
            text = Text.Comment;
        }
        state = State.LineComment;
        return at + 1;
    }

    private int ScanSlash(ReadOnlySpan<byte> chunk, int at)
    {
        if (chunk[at] != '*') return EndOperator(chunk, at);

        state = State.BlockComment;
        commentDepth = 1;
        openedAt = chunkOffset + at - 1;
        lastString = StringKind.None;
        return at + 1;
    }

    /// <summary>The '-' or '/' before <paramref name="at"/> began no comment.</summary>
    private int EndOperator(ReadOnlySpan<byte> chunk, int at)
    {
        if (!inStatement) BeginStatement(chunk, at - 1);
        EndToken();
        state = State.Code;
        return at;
    }

    /// <summary>A carriage return ends it as well (scan.l: newline is [\n\r]).</summary>
    private int ScanLineComment(ReadOnlySpan<byte> chunk, int at)
    {
        var length = chunk[at..].IndexOfAny((byte)'\n', (byte)'\r');
        return length < 0 ? chunk.Length : EndLineComment(chunk, at + length);
    }

    private int EndLineComment(ReadOnlySpan<byte> chunk, int end)
    {
        state = State.Code;
        if (text == Text.Comment)
        {
            Deliver(chunk, end, last: true);
            text = Text.Blank;
        }
        return end;
    }

    private int ScanBlockComment(ReadOnlySpan<byte> chunk, int at)
    {
        var length = chunk[at..].IndexOfAny((byte)'*', (byte)'/');
        if (length < 0) return chunk.Length;
        state = chunk[at + length] == '*' ? State.BlockStar : State.BlockSlash;
        return at + length + 1;
    }

    private int ScanBlockStar(ReadOnlySpan<byte> chunk, int at)
    {
        if (chunk[at] == '*') return at + 1;
        if (chunk[at] == '/') commentDepth--;
        state = commentDepth == 0 ? State.Code : State.BlockComment;
        return at + 1;
    }

    private int ScanBlockSlash(ReadOnlySpan<byte> chunk, int at)
    {
        if (chunk[at] == '/') return at + 1;
        if (chunk[at] == '*') commentDepth++;
        state = State.BlockComment;
        return at + 1;
    }
}
