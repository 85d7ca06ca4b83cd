using System.Buffers;
using System.Text;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// The tokens of one statement's head, for reading names and options out of it. White space and comments are passed over.
/// </summary>
/// <param name="standardStrings">False: in '…' a backslash escapes, as after SET standard_conforming_strings = off.</param>
internal ref struct SqlTokens(ReadOnlySpan<byte> text, bool standardStrings = true)
{
    private readonly ReadOnlySpan<byte> text = text;
    private readonly bool standardStrings = standardStrings;
    private int next;

    public SqlTokenKind Kind { get; private set; }

    /// <summary>Of the token's first byte, in the head.</summary>
    public int Start { get; private set; }

    /// <summary>Of the byte after the token.</summary>
    public readonly int End => next;

    public readonly ReadOnlySpan<byte> Raw => text[Start..next];

    /// <summary>False, and <see cref="SqlTokenKind.End"/>, when there is none.</summary>
    public bool Next()
    {
        SkipBlank();
        Start = next;
        if (next == text.Length)
        {
            Kind = SqlTokenKind.End;
            return false;
        }
        (Kind, next) = Read();
        return true;
    }

    /// <summary>Moves on if the next token is this keyword.</summary>
    public bool Take(ReadOnlySpan<byte> keyword)
    {
        var before = this;
        if (Next() && Is(keyword)) return true;
        this = before;
        return false;
    }

    /// <summary>Moves on if the next token is this punctuation mark; <c>'</c>: a string.</summary>
    public bool Take(char symbol)
    {
        var before = this;
        if (Next() && (Is(symbol) || (symbol == '\'' && Kind == SqlTokenKind.String))) return true;
        this = before;
        return false;
    }

    /// <summary>Where a dollar quote begins with the present token: passes over it.</summary>
    public bool SkipDollarQuote()
    {
        if (!Is('$')) return false;
        var length = text[next..].IndexOf((byte)'$');
        if (length < 0 || text.Slice(next, length).ContainsAnyExcept(TagBytes)) return false;
        var tag = text.Slice(Start, length + 2);
        var end = text[(Start + tag.Length)..].IndexOf(tag);
        next = end < 0 ? text.Length : Start + 2 * tag.Length + end;
        return true;
    }

    /// <summary>The token is this keyword.</summary>
    public readonly bool Is(ReadOnlySpan<byte> keyword) => Kind == SqlTokenKind.Word && Ascii.EqualsIgnoreCase(Raw, keyword);

    /// <summary>The token is this punctuation mark.</summary>
    public readonly bool Is(char symbol) => Kind == SqlTokenKind.Symbol && text[Start] == symbol;

    /// <summary>A word or a quoted identifier.</summary>
    public readonly bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier;

    /// <summary>The token's value: words in lower case, as the server folds them; what is quoted without its quotes.</summary>
    public readonly string Value => Kind switch
    {
        SqlTokenKind.Word => SqlText.Fold(Raw),
        SqlTokenKind.QuotedIdentifier => SqlText.Decode(Raw[1..^1]).Replace("\"\"", "\""),
        SqlTokenKind.String => SqlText.Decode(Raw[(Raw.IndexOf((byte)'\'') + 1)..^1]).Replace("''", "'"),
        _ => SqlText.Decode(Raw),
    };

    private readonly (SqlTokenKind, int) Read()
    {
        var first = text[next];
        var prefixed = next + 1 < text.Length && text[next + 1] == '\'';
        return first switch
        {
            (byte)'\'' => (SqlTokenKind.String, EndOfQuoted(next + 1, '\'', escapes: !standardStrings)),
            (byte)'e' or (byte)'E' when prefixed => (SqlTokenKind.String, EndOfQuoted(next + 2, '\'', escapes: true)),
            (byte)'b' or (byte)'B' or (byte)'x' or (byte)'X' or (byte)'n' or (byte)'N' when prefixed =>
                (SqlTokenKind.String, EndOfQuoted(next + 2, '\'', escapes: !standardStrings && first is (byte)'n' or (byte)'N')),
            (byte)'"' => (SqlTokenKind.QuotedIdentifier, EndOfQuoted(next + 1, '"', escapes: false)),
            _ when IsWordByte(first) => (SqlTokenKind.Word, EndOfWord()),
            _ => (SqlTokenKind.Symbol, next + 1),
        };
    }

    private readonly int EndOfWord()
    {
        var end = next;
        while (end < text.Length && (IsWordByte(text[end]) || text[end] == '$')) end++;
        return end;
    }

    private readonly int EndOfQuoted(int at, char quote, bool escapes)
    {
        for (; at < text.Length; at++)
        {
            if (escapes && text[at] == '\\') at++;
            else if (text[at] != quote) continue;
            else if (at + 1 < text.Length && text[at + 1] == quote) at++;
            else return at + 1;
        }
        return text.Length;
    }

    private void SkipBlank()
    {
        while (next < text.Length)
        {
            var rest = text[next..];
            if (rest[0] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or (byte)'\v') next++;
            else if (rest.StartsWith("--"u8)) next += LengthOrAll(rest.IndexOfAny((byte)'\n', (byte)'\r'), rest);
            else if (rest.StartsWith("/*"u8)) next += LengthOfComment(rest);
            else return;
        }
    }

    private static int LengthOfComment(ReadOnlySpan<byte> rest)
    {
        var depth = 0;
        for (var at = 0; at + 1 < rest.Length; at++)
        {
            var opens = rest[at] == '/' && rest[at + 1] == '*';
            var closes = rest[at] == '*' && rest[at + 1] == '/';
            if (!opens && !closes) continue;
            depth += opens ? 1 : -1;
            at++;
            if (depth == 0) return at + 1;
        }
        return rest.Length;
    }

    private static int LengthOrAll(int length, ReadOnlySpan<byte> rest) => length < 0 ? rest.Length : length;

    private static readonly SearchValues<byte> TagBytes =
        SearchValues.Create([.. Enumerable.Range(0, 256).Select(b => (byte)b).Where(IsWordByte)]);

    private static bool IsWordByte(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or >= 0x80;
}

internal enum SqlTokenKind
{
    End,

    /// <summary>A keyword, an unquoted identifier or a number.</summary>
    Word,
    QuotedIdentifier,
    String,

    /// <summary>One punctuation mark.</summary>
    Symbol,
}
