namespace DeepSight.Core.Postgres.Sql;

/// <content>Quoted strings, quoted identifiers and dollar quotes.</content>
internal sealed partial class SqlScanner
{
    private enum StringKind : byte
    {
        None,

        /// <summary>A doubled quote stands for one; a backslash is a backslash.</summary>
        Plain,

        /// <summary><c>E''</c>, and any string while standard_conforming_strings is off.</summary>
        Escape,

        /// <summary><c>B''</c> and <c>X''</c>: not even a doubled quote.</summary>
        Bit,

        /// <summary><c>U&amp;''</c>: its backslashes never hide a quote.</summary>
        Unicode,
    }

    /// <summary>Longer than any that pg_dump makes (<c>$_$</c>, <c>$_X$</c>…); PostgreSQL itself sets no limit.</summary>
    private const int DollarTagLimit = 1024;

    private bool standardStrings = startsStandard;
    private StringKind stringKind;
    private StringKind lastString;
    private bool sawLineEnd;
    private long openedAt;
    private readonly SqlHead tag = new(DollarTagLimit + 2);
    private int tagMatched;

    private void OpenString(StringKind kind, int at)
    {
        if (kind == StringKind.Plain && !standardStrings) kind = StringKind.Escape;
        // Strings with only white space and a line end between them are one string, of the first one's kind.
        if (dialect == SqlDialect.Server && lastString != StringKind.None && sawLineEnd) kind = lastString;

        EndToken();
        stringKind = kind;
        state = State.String;
        openedAt = chunkOffset + at;
    }

    private int ScanString(ReadOnlySpan<byte> chunk, int at)
    {
        var rest = chunk[at..];
        var length = stringKind == StringKind.Escape ? rest.IndexOfAny((byte)'\'', (byte)'\\') : rest.IndexOf((byte)'\'');
        if (length < 0) return chunk.Length;
        state = rest[length] == '\'' ? State.StringQuote : State.StringEscape;
        return at + length + 1;
    }

    private int ScanStringEscape(int at)
    {
        state = State.String;
        return at + 1;
    }

    private int ScanStringQuote(ReadOnlySpan<byte> chunk, int at)
    {
        if (chunk[at] == '\'' && stringKind != StringKind.Bit)
        {
            state = State.String;
            return at + 1;
        }
        state = State.Code;
        lastString = stringKind;
        sawLineEnd = false;
        return at;
    }

    private void OpenIdentifier(int at)
    {
        EndToken();
        shape.Identifier();
        state = State.Identifier;
        openedAt = chunkOffset + at;
    }

    private int ScanIdentifier(ReadOnlySpan<byte> chunk, int at)
    {
        var length = chunk[at..].IndexOf((byte)'"');
        if (length < 0) return chunk.Length;
        state = State.IdentifierQuote;
        return at + length + 1;
    }

    private int ScanIdentifierQuote(ReadOnlySpan<byte> chunk, int at)
    {
        var doubled = chunk[at] == '"';
        state = doubled ? State.Identifier : State.Code;
        return doubled ? at + 1 : at;
    }

    private void OpenDollar(int at)
    {
        EndToken();
        state = State.DollarTag;
        openedAt = chunkOffset + at;
        tag.Clear();
        tag.Append("$"u8);
    }

    private int ScanDollarTag(ReadOnlySpan<byte> chunk, int at)
    {
        for (; at < chunk.Length; at++)
        {
            var kind = Classes[chunk[at]];
            if (kind == Class.Letter || (kind == Class.Digit && tag.Bytes.Length > 1))
            {
                if (tag.Bytes.Length > DollarTagLimit)
                    throw Corrupt($"A dollar tag is longer than {DollarTagLimit:N0} bytes", line, "Is this SQL?");
                tag.Append(chunk.Slice(at, 1));
                continue;
            }
            if (kind == Class.Dollar)
            {
                tag.Append("$"u8);
                state = State.DollarBody;
                return at + 1;
            }

            // No tag: a parameter ($1), or a stray '$' with a word behind it.
            state = kind == Class.Digit ? State.Number : State.Code;
            if (tag.Bytes.Length == 1) return at;
            word.Clear();
            word.Append(tag.Bytes[1..]);
            state = State.Word;
            return at;
        }
        return at;
    }

    private int ScanDollarBody(ReadOnlySpan<byte> chunk, int at)
    {
        var length = chunk[at..].IndexOf((byte)'$');
        if (length < 0) return chunk.Length;
        state = State.DollarEnd;
        tagMatched = 1;
        return at + length + 1;
    }

    private int ScanDollarEnd(ReadOnlySpan<byte> chunk, int at)
    {
        for (; at < chunk.Length; at++)
        {
            if (chunk[at] == tag.Bytes[tagMatched])
            {
                if (++tagMatched < tag.Bytes.Length) continue;
                state = State.Code;
                return at + 1;
            }

            // The '$' that ends a tag of another name may begin the right one: $a$…$b$a$.
            tagMatched = 1;
            if (chunk[at] == '$') continue;
            state = State.DollarBody;
            return at + 1;
        }
        return at;
    }

    /// <summary><c>SET standard_conforming_strings = off</c> is what pg_dump writes where the server says so.</summary>
    private void TrackStringSetting(ReadOnlySpan<byte> head)
    {
        if (!SqlSetting.TryRead(head, out var name, out var value) || name != "standard_conforming_strings") return;

        // parse_bool takes any unambiguous beginning.
        standardStrings = value.ToLowerInvariant() is not ("off" or "of" or "false" or "fals" or "fal" or "fa" or "f" or "no" or "n" or "0");
    }
}
