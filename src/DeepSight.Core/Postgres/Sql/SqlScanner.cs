namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// Finds where statements, comments, meta-commands and COPY rows begin and end in SQL text that streams past, in UTF-8 or any
/// encoding that a PostgreSQL server can have. It knows what psql's lexer knows (src/fe_utils/psqlscan.l): quotes, escapes,
/// dollar tags, nested comments, parentheses; and of BEGIN ATOMIC bodies what the server's grammar knows. Memory is bounded whatever the input: a statement or row of a
/// gigabyte passes in parts, and only a statement's head is kept.
/// <para>
/// What it can't see, since the server tells psql and not the text: a COPY that fails (psql without ON_ERROR_STOP then reads its
/// data as SQL), and <c>standard_conforming_strings</c> or <c>client_encoding</c> changed otherwise than by a SET.
/// </para>
/// </summary>
/// <remarks>This file dispatches and delivers; the other parts of the class read code, quotes, comments and COPY data.</remarks>
/// <param name="startsStandard">False where <c>standard_conforming_strings</c> is off before the text says anything of it.</param>
internal sealed partial class SqlScanner(ISqlSink sink, SqlDialect dialect = SqlDialect.Psql, bool startsStandard = true)
{
    /// <summary>In bytes. The header of a COPY of 1,600 columns, each of 63 quotes that are doubled, is under 0.25 MiB.</summary>
    public const int HeadLimit = 1 << 20;

    private enum State : byte
    {
        Start, Code, Word, Number, UnicodePrefix, Dash, Slash, LineComment, BlockComment, BlockStar, BlockSlash,
        String, StringEscape, StringQuote, Identifier, IdentifierQuote, DollarTag, DollarBody, DollarEnd, MetaCommand,
        CopyTail, CopyLine, CopyRow, CopyMaybeEnd,
    }

    /// <summary>What the bytes from <see cref="from"/> on belong to.</summary>
    private enum Text : byte
    {
        Blank, Comment, Statement, MetaCommand, CopyRow,
    }

    private State state = State.Start;
    private Text text = Text.Blank;
    private long chunkOffset;
    private long line = 1;

    // Index in the chunk of the first byte that was not handed to the sink.
    private int from;

    // Bytes of earlier chunks that were not handed to the sink, because what follows decides what they are: '-', '/', '\.\r'.
    private readonly byte[] owed = new byte[4];
    private int owedCount;

    private bool inStatement;
    private long statementOffset;
    private long statementLine;
    private readonly SqlHead statementHead = new(HeadLimit);

    /// <summary>Bytes taken so far.</summary>
    public long Position => chunkOffset;

    /// <summary>
    /// Between two chunks: the offset of the statement or meta-command that has begun and not ended; null when there is none.
    /// </summary>
    public long? PendingOffset => inStatement ? statementOffset : text == Text.MetaCommand ? metaOffset : null;

    /// <summary>Between two chunks: the next byte belongs to a COPY's rows, or to the line that ends them.</summary>
    public bool IsInRows => state is State.CopyLine or State.CopyRow or State.CopyMaybeEnd;

    /// <summary>Takes the next chunk, of any size.</summary>
    /// <exception cref="DeepSightException">The text can't be told apart safely; names the line.</exception>
    public void Append(ReadOnlySpan<byte> chunk)
    {
        if (chunk.IsEmpty) return;

        from = 0;
        for (var at = 0; at < chunk.Length;) at = Step(chunk, at);

        // A '-' or '/' at the end may begin a comment or a statement: the next chunk tells.
        var undecided = !inStatement && state is State.Dash or State.Slash ? 1 : 0;
        if (text != Text.CopyRow && state != State.Start) Deliver(chunk, chunk.Length - undecided);
        if (undecided > 0) Owe(chunk[^1]);
        chunkOffset += chunk.Length;
    }

    /// <summary>
    /// Says that the input has ended. A statement without its semicolon is reported first, since psql executes it.
    /// </summary>
    public SqlEnd Complete()
    {
        FinishToken();
        var kind = state switch
        {
            State.CopyTail or State.CopyLine or State.CopyRow or State.CopyMaybeEnd => SqlEndKind.CopyData,
            State.String or State.StringEscape => SqlEndKind.String,
            State.Identifier => SqlEndKind.QuotedIdentifier,
            State.DollarBody or State.DollarEnd => SqlEndKind.DollarQuote,
            State.BlockComment or State.BlockStar or State.BlockSlash => SqlEndKind.Comment,
            _ => inStatement ? SqlEndKind.Statement : SqlEndKind.Clean,
        };
        if (kind == SqlEndKind.Statement) ReportStatement(statementHead.Bytes, chunkOffset, terminated: false);

        return kind switch
        {
            SqlEndKind.Clean => new SqlEnd(kind, chunkOffset, line),
            SqlEndKind.Statement or SqlEndKind.CopyData => new SqlEnd(kind, statementOffset, statementLine),
            _ => new SqlEnd(kind, openedAt, inStatement ? statementLine : line),
        };
    }

    private int Step(ReadOnlySpan<byte> chunk, int at) => state switch
    {
        State.Start => ScanByteOrderMark(chunk, at),
        State.Code => ScanCode(chunk, at),
        State.Word => ScanWord(chunk, at),
        State.Number => ScanNumber(chunk, at),
        State.UnicodePrefix => ScanUnicodePrefix(chunk, at),
        State.Dash => ScanDash(chunk, at),
        State.Slash => ScanSlash(chunk, at),
        State.LineComment => ScanLineComment(chunk, at),
        State.BlockComment => ScanBlockComment(chunk, at),
        State.BlockStar => ScanBlockStar(chunk, at),
        State.BlockSlash => ScanBlockSlash(chunk, at),
        State.String => ScanString(chunk, at),
        State.StringEscape => ScanStringEscape(at),
        State.StringQuote => ScanStringQuote(chunk, at),
        State.Identifier => ScanIdentifier(chunk, at),
        State.IdentifierQuote => ScanIdentifierQuote(chunk, at),
        State.DollarTag => ScanDollarTag(chunk, at),
        State.DollarBody => ScanDollarBody(chunk, at),
        State.DollarEnd => ScanDollarEnd(chunk, at),
        State.MetaCommand => ScanMetaCommand(chunk, at),
        State.CopyTail => ScanCopyTail(chunk, at),
        State.CopyLine => ScanCopyLines(chunk, at),
        State.CopyRow => ScanCopyRowRest(chunk, at),
        _ => ScanCopyMaybeEnd(chunk, at),
    };

    private void Owe(byte value) => owed[owedCount++] = value;

    /// <summary>Hands over what is owed and the chunk up to <paramref name="end"/>, as what <see cref="text"/> says.</summary>
    private void Deliver(ReadOnlySpan<byte> chunk, int end, bool last = false)
    {
        if (owedCount > 0)
        {
            Send(owed.AsSpan(0, owedCount), last: false);
            owedCount = 0;
        }
        if (end > from || last) Send(chunk[from..end], last);
        from = end;
    }

    private void Send(ReadOnlySpan<byte> part, bool last)
    {
        switch (text)
        {
            case Text.Blank:
                line += part.Count((byte)'\n');
                sink.OnBlank(part);
                break;
            case Text.Comment:
                sink.OnComment(part, last);
                break;
            case Text.Statement:
                statementHead.Append(part);
                line += part.Count((byte)'\n');
                sink.OnStatementText(part);
                break;
            case Text.MetaCommand:
                metaHead.Append(part);
                break;
        }
    }

    private void BeginStatement(ReadOnlySpan<byte> chunk, int start)
    {
        // Before the chunk's first byte lies only an owed '-' or '/', which is the statement's first.
        if (start > from) Deliver(chunk, start);
        text = Text.Statement;
        inStatement = true;
        statementOffset = chunkOffset + start;
        statementLine = line;
        statementHead.Clear();
        shape = default;
        parentheses = 0;
    }

    private int EndStatement(ReadOnlySpan<byte> chunk, int end)
    {
        if (statementHead.IsEmpty && owedCount == 0)
        {
            // The whole statement lies in the chunk: no copy.
            var whole = chunk[from..end];
            line += whole.Count((byte)'\n');
            sink.OnStatementText(whole);
            from = end;
            ReportStatement(whole.Length > HeadLimit ? whole[..HeadLimit] : whole, chunkOffset + end, terminated: true);
        }
        else
        {
            Deliver(chunk, end);
            ReportStatement(statementHead.Bytes, chunkOffset + end, terminated: true);
        }
        return end;
    }

    private void ReportStatement(ReadOnlySpan<byte> head, long end, bool terminated)
    {
        inStatement = false;
        text = Text.Blank;
        state = shape.IsCopyFromStdin ? State.CopyTail : State.Code;
        var wasStandard = standardStrings;
        TrackStringSetting(head);
        sink.OnStatement(new SqlStatement
        {
            Head = head,
            Offset = statementOffset,
            Length = end - statementOffset,
            Line = statementLine,
            IsCopyFromStdin = shape.IsCopyFromStdin,
            IsCopyToStdout = shape.IsCopyToStdout,
            IsLiteralInsert = shape.IsLiteralInsert,
            StandardStrings = wasStandard,
            IsTerminated = terminated,
            GoesOnForPsql = terminated && shape.GoesOnForPsql,
            IsCutByPsql = shape.IsCutByPsql,
        });
    }

    private static DeepSightException Corrupt(string message, long line, string hint) =>
        new(FailureKind.Corrupt, $"{message}, at line {line:N0}.", hint);
}
