namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// The option <c>pg_attver</c> that some servers (15.20, 17.12) keep with a column. A pg_dump that doesn't know it writes it down
/// (<c>ALTER TABLE ONLY t ALTER COLUMN c SET (pg_attver=3)</c>), and other servers refuse it.
/// </summary>
/// <param name="Start">Of the bytes to leave out of the statement, from its first.</param>
/// <param name="End">Of the byte after them.</param>
/// <param name="IsWholeStatement">It is the only option: without it the statement says nothing.</param>
internal sealed record AttributeVersion(int Start, int End, bool IsWholeStatement)
{
    /// <summary>Null where the statement has no such option.</summary>
    public static AttributeVersion? Find(ReadOnlySpan<byte> head)
    {
        // A name is at most 63 bytes: the statement is short, or another one.
        if (head.Length > 8192 || head.IndexOf("pg_attver"u8) < 0) return null;

        var tokens = new SqlTokens(head);
        if (!tokens.Take("alter"u8)) return null;
        while (tokens.Next())
        {
            if (tokens.Is("set"u8) && tokens.Next() && tokens.Is('(')) return FindIn(tokens, head.Length);
        }
        return null;
    }

    /// <param name="tokens">At the parenthesis that opens the options.</param>
    private static AttributeVersion? FindIn(SqlTokens tokens, int length)
    {
        var previousEnd = tokens.End;
        var isFirst = true;
        while (tokens.Next())
        {
            var (start, found) = (tokens.Start, tokens.Is("pg_attver"u8));
            var end = tokens.End;
            while (tokens.Next() && !tokens.Is(',') && !tokens.Is(')')) end = tokens.End;

            var isLast = !tokens.Is(',');
            if (found && isFirst && isLast) return new AttributeVersion(0, length, IsWholeStatement: true);
            if (found && isFirst && tokens.Next()) return new AttributeVersion(start, tokens.Start, IsWholeStatement: false);
            if (found) return new AttributeVersion(previousEnd, end, IsWholeStatement: false);
            if (isLast) return null;
            (previousEnd, isFirst) = (end, false);
        }
        return null;
    }
}
