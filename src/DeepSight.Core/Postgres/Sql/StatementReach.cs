namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// Recognises, among top-level statements, what is about more than the database that a session is in. A restore's promise is about one
/// database, and such a statement is not undone when that one is dropped. CREATE ROLE alone may pass: it takes nothing away.
/// </summary>
internal static class StatementReach
{
    /// <returns>
    /// What it is, and whether it only says something about a database: a comment, a grant, a label. Null for what stays within.
    /// </returns>
    public static (string What, bool IsAside)? Find(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        if (!tokens.Next() || tokens.Kind != SqlTokenKind.Word) return null;

        var verb = tokens.Value;
        return verb switch
        {
            "create" or "alter" or "drop" => Object(verb, ref tokens),
            "reassign" => ("REASSIGN OWNED", false),
            "comment" => tokens.Take("on"u8) && tokens.Take("database"u8) ? ("COMMENT ON DATABASE", true) : null,
            "grant" or "revoke" => IsOnDatabase(ref tokens) ? ($"{verb.ToUpperInvariant()} … ON DATABASE", true) : null,
            "security" => IsOnDatabase(ref tokens) ? ("SECURITY LABEL … ON DATABASE", true) : null,
            _ => null,
        };
    }

    private static (string What, bool IsAside)? Object(string verb, ref SqlTokens tokens)
    {
        if (!tokens.Next() || tokens.Kind != SqlTokenKind.Word) return null;

        var kind = tokens.Value;
        var reaches = kind switch
        {
            "database" or "tablespace" => true,
            "system" => verb == "alter",
            "owned" => verb == "drop",
            "role" or "group" => verb != "create",
            // ALTER USER MAPPING is about a foreign server.
            "user" => verb != "create" && !tokens.Take("mapping"u8),
            _ => false,
        };
        return reaches ? ($"{verb} {kind}".ToUpperInvariant(), false) : null;
    }

    private static bool IsOnDatabase(ref SqlTokens tokens)
    {
        while (tokens.Next())
            if (tokens.Is("on"u8)) return tokens.Take("database"u8);
        return false;
    }
}
