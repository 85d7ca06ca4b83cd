using System.Text;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// What the words of a statement say about where it ends: whether a BEGIN ATOMIC body is open, as the server's grammar has it (gram.y,
/// opt_routine_body: statements that end with semicolons, then END) and as psql counts it (psqlscan.l, the rule for {identifier}: every
/// BEGIN and CASE opens, every END closes, names among them), and whether COPY data follows.
/// </summary>
internal struct StatementShape
{
    private int words;
    private uint initials;
    private bool isAfterBegin;
    private bool inBody;
    private bool beginsInBody;
    private int psqlDepth;
    private bool isCopy;
    private bool isAfterTo;
    private Insert insert;

    private enum Insert : byte
    {
        None,

        /// <summary>Before VALUES.</summary>
        Header,
        Values,
        Other,
    }

    /// <summary>psql takes what follows this semicolon as part of the statement.</summary>
    public readonly bool GoesOnForPsql => psqlDepth > 0;

    /// <summary>psql has ended the statement at a semicolon within its body.</summary>
    public bool IsCutByPsql { get; private set; }

    public bool IsCopyFromStdin { get; private set; }

    public bool IsCopyToStdout { get; private set; }

    /// <summary><c>INSERT INTO table (columns) VALUES (…)</c>, all of it literals: an INSERT may be longer than its head.</summary>
    public readonly bool IsLiteralInsert => insert == Insert.Values;

    /// <summary>The latest token was FROM.</summary>
    public bool IsAfterFrom { get; private set; }

    /// <summary>An unquoted word.</summary>
    public void Word(ReadOnlySpan<byte> word, int parentheses)
    {
        if (words < 4) initials |= (uint)InitialOf(word) << (8 * words);
        if (words == 0)
        {
            isCopy = Is(word, "copy"u8);
            if (Is(word, "insert"u8)) insert = Insert.Header;
        }
        else if (insert != Insert.None)
        {
            insert = After(insert, word);
        }
        words++;

        if (isCopy && parentheses == 0)
        {
            // The grammar takes STDOUT for STDIN here, and the other way round ("we silently correct the typo": gram.y, copy_file_name).
            var isClient = Is(word, "stdin"u8) || Is(word, "stdout"u8);
            IsCopyFromStdin |= IsAfterFrom && isClient;
            IsCopyToStdout |= isAfterTo && isClient;
            IsAfterFrom = Is(word, "from"u8);
            isAfterTo = Is(word, "to"u8);
        }
        if (parentheses == 0 && IsRoutine())
        {
            CountBlock(word);
            FollowBody(word);
        }
        isAfterBegin = Is(word, "begin"u8);
    }

    /// <summary>A semicolon outside parentheses.</summary>
    /// <returns>Whether it ends the statement, and not one within its body.</returns>
    public bool Semicolon()
    {
        if (!inBody) return true;
        beginsInBody = true;
        IsCutByPsql |= psqlDepth == 0;
        return false;
    }

    /// <summary>A quoted name: among values it could only be a call or a column.</summary>
    public void Identifier()
    {
        isAfterBegin = false;
        if (insert == Insert.Values) insert = Insert.Other;
    }

    private static Insert After(Insert before, ReadOnlySpan<byte> word) => before switch
    {
        Insert.Header when Is(word, "values"u8) => Insert.Values,
        // Names that are keywords are quoted.
        Insert.Header when Is(word, "select"u8) || Is(word, "with"u8) || Is(word, "table"u8) => Insert.Other,
        Insert.Values when !IsLiteral(word) => Insert.Other,
        _ => before,
    };

    private static bool IsLiteral(ReadOnlySpan<byte> word) =>
        Is(word, "null"u8) || Is(word, "true"u8) || Is(word, "false"u8) || Is(word, "default"u8)
        || Is(word, "on"u8) || Is(word, "conflict"u8) || Is(word, "do"u8) || Is(word, "nothing"u8);

    /// <summary>Any other token.</summary>
    public void Other() => IsAfterFrom = isAfterTo = isAfterBegin = false;

    /// <summary>No statement of a body begins with END, and none is BEGIN.</summary>
    private void FollowBody(ReadOnlySpan<byte> word)
    {
        if (!inBody)
        {
            inBody = beginsInBody = isAfterBegin && Is(word, "atomic"u8);
            return;
        }
        inBody = !(beginsInBody && Is(word, "end"u8));
        beginsInBody = false;
    }

    private void CountBlock(ReadOnlySpan<byte> word)
    {
        if (Is(word, "begin"u8)) psqlDepth++;
        else if (Is(word, "case"u8) && psqlDepth > 0) psqlDepth++;
        else if (Is(word, "end"u8) && psqlDepth > 0) psqlDepth--;
    }

    // CREATE [OR REPLACE] {FUNCTION|PROCEDURE}
    private readonly bool IsRoutine() => (char)(initials & 0xFF) == 'c' && (char)((initials >> 8) & 0xFF) switch
    {
        'f' or 'p' => true,
        'o' => (char)((initials >> 16) & 0xFF) == 'r' && (char)(initials >> 24) is 'f' or 'p',
        _ => false,
    };

    private static char InitialOf(ReadOnlySpan<byte> word) => word.Length switch
    {
        6 when Is(word, "create"u8) => 'c',
        8 when Is(word, "function"u8) => 'f',
        9 when Is(word, "procedure"u8) => 'p',
        2 when Is(word, "or"u8) => 'o',
        7 when Is(word, "replace"u8) => 'r',
        _ => '\0',
    };

    private static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> keyword) => Ascii.EqualsIgnoreCase(word, keyword);
}
