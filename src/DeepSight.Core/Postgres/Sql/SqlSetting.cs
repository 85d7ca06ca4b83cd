namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// Reads <c>SET [SESSION | LOCAL] name { = | TO } value</c>, which pg_dump writes at its beginning and between objects.
/// </summary>
internal static class SqlSetting
{
    /// <summary>
    /// False for any other statement, those that begin with SET included (SET ROLE, SET TRANSACTION, SET CONSTRAINTS).
    /// </summary>
    /// <param name="name">In lower case, as settings compare without case; <c>pg_trgm.similarity_threshold</c> with its
    /// dot.</param>
    /// <param name="value">The first of several.</param>
    public static bool TryRead(ReadOnlySpan<byte> head, out string name, out string value)
    {
        (name, value) = ("", "");
        var tokens = new SqlTokens(head);
        if (!tokens.Take("set"u8)) return false;
        if (!tokens.Take("session"u8)) tokens.Take("local"u8);

        if (tokens.Take("names"u8))
        {
            // The SQL standard's spelling.
            (name, value) = ("client_encoding", tokens.Next() ? tokens.Value : "");
            return true;
        }
        if (!tokens.Next() || !tokens.IsName) return false;
        name = tokens.Value.ToLowerInvariant();
        while (tokens.Next() && tokens.Is('.') && tokens.Next()) name += "." + tokens.Value.ToLowerInvariant();

        if (!tokens.Is('=') && !tokens.Is("to"u8)) return false;
        if (tokens.Next() && !tokens.Is(';')) value = tokens.Value;
        return true;
    }
}
