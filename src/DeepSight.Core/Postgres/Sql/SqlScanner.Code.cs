using System.Buffers;

namespace DeepSight.Core.Postgres.Sql;

/// <content>Code outside quotes and comments: words and punctuation.</content>
internal sealed partial class SqlScanner
{
    private enum Class : byte
    {
        Other, Space, Letter, Digit, Quote, DoubleQuote, Dollar, Dash, Slash, Backslash, Open, Close, Semicolon,
    }

    private static readonly Class[] Classes = MakeClasses();
    private static readonly SearchValues<byte> WordBytes = Bytes(b => Classes[b] is Class.Letter or Class.Digit or Class.Dollar);
    private static readonly SearchValues<byte> NumberBytes = Bytes(b => Classes[b] is Class.Letter or Class.Digit);

    private StatementShape shape;
    private int parentheses;
    private readonly SqlHead word = new(64);

    private int ScanByteOrderMark(ReadOnlySpan<byte> chunk, int at)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (chunk[at] == mark[owedCount])
        {
            Owe(chunk[at]);
            from = at + 1;
            if (owedCount < mark.Length) return from;
        }
        LeaveStart(chunk);
        return from;
    }

    /// <summary>What was owed was a byte order mark, or the first bytes of a word.</summary>
    private void LeaveStart(ReadOnlySpan<byte> chunk)
    {
        state = State.Code;
        if (owedCount is 0 or 3)
        {
            Deliver(chunk, from);
            return;
        }
        BeginStatement(chunk, from - owedCount);
        word.Clear();
        word.Append(owed.AsSpan(0, owedCount));
        state = State.Word;
    }

    private int ScanCode(ReadOnlySpan<byte> chunk, int at)
    {
        for (; at < chunk.Length; at++)
        {
            var kind = Classes[chunk[at]];
            switch (kind)
            {
                case Class.Space:
                    sawLineEnd |= chunk[at] is (byte)'\n' or (byte)'\r';
                    continue;
                case Class.Dash:
                    state = State.Dash;
                    return at + 1;
                case Class.Slash:
                    state = State.Slash;
                    return at + 1;
                case Class.Backslash:
                    return BeginMetaCommand(chunk, at);
            }

            if (!inStatement) BeginStatement(chunk, at);
            switch (kind)
            {
                case Class.Letter:
                    word.Clear();
                    state = State.Word;
                    return at;
                case Class.Quote:
                    OpenString(StringKind.Plain, at);
                    return at + 1;
                case Class.DoubleQuote:
                    OpenIdentifier(at);
                    return at + 1;
                case Class.Dollar:
                    OpenDollar(at);
                    return at + 1;
            }

            EndToken();
            switch (kind)
            {
                case Class.Digit:
                    state = State.Number;
                    return at + 1;
                case Class.Open:
                    parentheses++;
                    break;
                case Class.Close when parentheses > 0:
                    parentheses--;
                    break;
                case Class.Semicolon when parentheses == 0 && shape.Semicolon():
                    return EndStatement(chunk, at + 1);
            }
        }
        return at;
    }

    private int ScanWord(ReadOnlySpan<byte> chunk, int at)
    {
        var rest = chunk[at..];
        var length = rest.IndexOfAnyExcept(WordBytes);
        word.Append(length < 0 ? rest : rest[..length]);
        if (length < 0) return chunk.Length;

        at += length;
        state = State.Code;
        switch (PrefixOf(word.Bytes), chunk[at])
        {
            case ((byte)'e', (byte)'\''):
                OpenString(StringKind.Escape, at);
                return at + 1;
            case ((byte)'b' or (byte)'x', (byte)'\''):
                OpenString(StringKind.Bit, at);
                return at + 1;
            case ((byte)'n', (byte)'\''):
                OpenString(StringKind.Plain, at);
                return at + 1;
            case ((byte)'u', (byte)'&'):
                state = State.UnicodePrefix;
                return at + 1;
        }
        EndWord();
        return at;
    }

    private void EndWord()
    {
        lastString = StringKind.None;
        shape.Word(word.Bytes, parentheses);
    }

    private static byte PrefixOf(ReadOnlySpan<byte> word) => word.Length == 1 ? (byte)(word[0] | 0x20) : (byte)0;

    /// <summary>
    /// Letters after digits belong to the number ("trailing junk" to PostgreSQL 15 and newer): <c>1e'\'</c> opens no escape
    /// string.
    /// </summary>
    private int ScanNumber(ReadOnlySpan<byte> chunk, int at)
    {
        var length = chunk[at..].IndexOfAnyExcept(NumberBytes);
        if (length < 0) return chunk.Length;
        state = State.Code;
        return at + length;
    }

    private int ScanUnicodePrefix(ReadOnlySpan<byte> chunk, int at)
    {
        state = State.Code;
        switch (chunk[at])
        {
            case (byte)'\'':
                OpenString(StringKind.Unicode, at);
                return at + 1;
            case (byte)'"':
                OpenIdentifier(at);
                return at + 1;
            default:
                EndToken();
                return at;
        }
    }

    /// <summary>
    /// The input has ended: so have a word, a line comment, a meta-command, and what a lone '-' or '/' might have begun.
    /// </summary>
    private void FinishToken()
    {
        from = 0;
        if (state == State.Start) LeaveStart([]);
        switch (state)
        {
            case State.Word:
                EndWord();
                break;
            case State.Dash or State.Slash:
                EndOperator([], 0);
                break;
            case State.LineComment:
                EndLineComment([], 0);
                break;
            case State.MetaCommand:
                EndMetaCommand(chunkOffset);
                break;
        }
        if (text != Text.CopyRow) Deliver([], 0);
    }

    /// <summary>A token other than a word, white space and comments has begun.</summary>
    private void EndToken()
    {
        lastString = StringKind.None;
        shape.Other();
    }

    // scan.l: ident_start is a letter, an underscore or any byte from 0x80 on; space is [ \t\n\r\f] and, since 16, \v.
    private static Class[] MakeClasses()
    {
        var classes = new Class[256];
        for (var b = 0; b < 256; b++)
        {
            classes[b] = (char)b switch
            {
                ' ' or '\t' or '\n' or '\r' or '\f' or '\v' => Class.Space,
                >= 'a' and <= 'z' or >= 'A' and <= 'Z' or '_' or >= (char)0x80 => Class.Letter,
                >= '0' and <= '9' => Class.Digit,
                '\'' => Class.Quote,
                '"' => Class.DoubleQuote,
                '$' => Class.Dollar,
                '-' => Class.Dash,
                '/' => Class.Slash,
                '\\' => Class.Backslash,
                '(' => Class.Open,
                ')' => Class.Close,
                ';' => Class.Semicolon,
                _ => Class.Other,
            };
        }
        return classes;
    }

    private static SearchValues<byte> Bytes(Func<int, bool> which) =>
        SearchValues.Create(Enumerable.Range(0, 256).Where(which).Select(b => (byte)b).ToArray());
}
