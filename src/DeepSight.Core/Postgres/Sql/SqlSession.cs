using System.Buffers;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// What another session must be told before it can take rows of the COPY that is being read, or build an index. Rows may be taken only while
/// all that came before is of the kinds that pg_dump writes before its data: a transaction, a function call or a temporary table would make
/// the sessions see different things.
/// </summary>
internal sealed class SqlSession
{
    /// <summary>pg_dump writes some lines; with more than this something else is going on.</summary>
    private const int LongestSettings = 1 << 20;

    private readonly ArrayBufferWriter<byte> settings = new();
    private bool isOrdinary = true;

    /// <summary>The latest COPY statement as it stands; null when no other session may take its rows.</summary>
    public byte[]? Copy { get; private set; }

    /// <summary>Every statement so far that changed the session, a line each; it only grows.</summary>
    public ReadOnlyMemory<byte> Settings => settings.WrittenMemory;

    /// <summary>Whether <see cref="Settings"/> are all.</summary>
    public bool AreSettingsKnown { get; private set; } = true;

    public void Take(in SqlStatement statement)
    {
        if (statement.IsCopyFromStdin)
        {
            Copy = isOrdinary && AreSettingsKnown && statement.IsWhole && IsPlainCopy(statement.Head) ? statement.Head.ToArray() : null;
            return;
        }
        if (!AreSettingsKnown || LeavesSession(statement.Head)) return;

        if (!Sets(statement.Head))
        {
            isOrdinary = false;
            return;
        }
        AreSettingsKnown = statement.IsWhole && settings.WrittenCount + statement.Length < LongestSettings;
        if (!AreSettingsKnown) return;
        settings.Write(statement.Head);
        settings.Write("\n"u8);
    }

    private static bool LeavesSession(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        return tokens.Next() && (tokens.Is("create"u8) || tokens.Is("alter"u8) || tokens.Is("comment"u8)
            || tokens.Is("grant"u8) || tokens.Is("revoke"u8));
    }

    private static bool Sets(ReadOnlySpan<byte> head) =>
        new SqlTokens(head).Take("set"u8) || head.SequenceEqual("SELECT pg_catalog.set_config('search_path', '', false);"u8);

    /// <summary><c>COPY schema.table (columns) FROM stdin;</c> without options: a line is a row, and the name means the same everywhere.</summary>
    private static bool IsPlainCopy(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        if (!tokens.Take("copy"u8) || !tokens.Next() || !tokens.IsName || tokens.Value.StartsWith("pg_", StringComparison.Ordinal)) return false;
        if (!tokens.Next() || !tokens.Is('.') || !tokens.Next() || !tokens.IsName) return false;

        var beforeColumns = tokens;
        if (tokens.Next() && tokens.Is('('))
            while (!tokens.Is(')') && tokens.Next()) { }
        else tokens = beforeColumns;
        return tokens.Take("from"u8) && tokens.Take("stdin"u8) && tokens.Next() && tokens.Is(';');
    }
}
