using System.Text;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Access;

/// <summary>
/// The allow-list: reads a statement of an access file, word by word, and knows no other than changes of owner, grants on objects,
/// default privileges and memberships. Whatever else such a file holds is not run.
/// </summary>
internal static class AccessParser
{
    /// <summary>Kinds of objects as ALTER and GRANT call them, longest first, and the space of names that they share.</summary>
    private static readonly (string[] Words, string Space)[] Kinds =
    [
        (["foreign", "data", "wrapper"], "wrapper"), (["text", "search", "dictionary"], "dictionary"), (["text", "search", "configuration"], "configuration"),
        (["materialized", "view"], "relation"), (["foreign", "table"], "relation"), (["foreign", "server"], "server"), (["large", "object"], "large object"),
        (["operator", "class"], "operator class"), (["operator", "family"], "operator family"), (["event", "trigger"], "event trigger"),
        (["procedural", "language"], "language"), (["operator"], "operator"), (["language"], "language"), (["table"], "relation"), (["view"], "relation"),
        (["sequence"], "relation"), (["function"], "routine"), (["procedure"], "routine"), (["aggregate"], "routine"), (["routine"], "routine"),
        (["type"], "type"), (["domain"], "type"), (["schema"], "schema"), (["server"], "server"), (["statistics"], "statistics"),
        (["collation"], "collation"), (["conversion"], "conversion"), (["publication"], "publication"),
    ];

    /// <summary>Null for a statement that is none of these.</summary>
    public static AccessStatement? Parse(ReadOnlySpan<byte> statement)
    {
        var tokens = new SqlTokens(statement);
        if (tokens.Take("alter"u8))
            return tokens.Take("default"u8) ? DefaultPrivileges(tokens, statement) : Owner(tokens, statement);
        return tokens.Take("grant"u8) || tokens.Take("revoke"u8) ? Grant(tokens, statement) : null;
    }

    /// <summary>The role of SET SESSION AUTHORIZATION; empty for RESET; null for another statement.</summary>
    public static string? Session(ReadOnlySpan<byte> statement)
    {
        var tokens = new SqlTokens(statement);
        var resets = tokens.Take("reset"u8);
        if (!resets && !tokens.Take("set"u8)) return null;
        if (!tokens.Take("session"u8) || !tokens.Take("authorization"u8)) return null;
        if (resets || tokens.Take("default"u8)) return "";
        return tokens.Next() && (tokens.IsName || tokens.Kind == SqlTokenKind.String) ? tokens.Value : null;
    }

    // ALTER kind name [(arguments)] [USING method] OWNER TO role;
    private static AccessStatement? Owner(SqlTokens tokens, ReadOnlySpan<byte> statement)
    {
        if (ReadObject(ref tokens, statement) is not { } key) return null;
        if (!tokens.Take("owner"u8) || !tokens.Take("to"u8) || !tokens.Next() || !tokens.IsName) return null;
        var role = tokens.Value;
        return Ends(tokens) ? new AccessStatement(AccessKind.Owner, key, [role], SqlText.Decode(statement)) : null;
    }

    // GRANT privileges ON kind name TO roles …;
    private static AccessStatement? Grant(SqlTokens tokens, ReadOnlySpan<byte> statement)
    {
        var ahead = tokens;
        while (tokens.Next() && !tokens.Is("on"u8) && !tokens.Is("to"u8) && !tokens.Is("from"u8))
            if (!IsHarmless(tokens)) return null;
        if (!tokens.Is("on"u8)) return Membership(ahead, statement);

        var key = ReadObject(ref tokens, statement);
        if (key is null || (!tokens.Take("to"u8) && !tokens.Take("from"u8))) return null;
        if (ReadRoles(ref tokens) is not { } roles || !OnlyWords(tokens)) return null;
        return new AccessStatement(AccessKind.Grant, key, roles, SqlText.Decode(statement));
    }

    // GRANT role, … TO role, … [WITH ADMIN OPTION] [GRANTED BY role]; every name of every list counts.
    private static AccessStatement? Membership(SqlTokens tokens, ReadOnlySpan<byte> statement)
    {
        if (ReadRoles(ref tokens) is not { } granted || (!tokens.Take("to"u8) && !tokens.Take("from"u8))) return null;
        if (ReadRoles(ref tokens) is not { } members || granted.Count == 0 || members.Count == 0) return null;
        var roles = new List<string>([.. granted, .. members]);
        while (tokens.Next() && !tokens.Is(';'))
        {
            if (tokens.Is("granted"u8) && tokens.Take("by"u8))
            {
                if (!tokens.Next() || !tokens.IsName) return null;
                roles.Add(tokens.Value);
            }
            else if (tokens.Kind != SqlTokenKind.Word)
            {
                return null;
            }
        }
        return tokens.Is(';') && !tokens.Next() ? new AccessStatement(AccessKind.Membership, granted[^1], roles, SqlText.Decode(statement)) : null;
    }

    // ALTER DEFAULT PRIVILEGES FOR ROLE role [IN SCHEMA name] GRANT … ON TABLES TO role;
    private static AccessStatement? DefaultPrivileges(SqlTokens tokens, ReadOnlySpan<byte> statement)
    {
        if (!tokens.Take("privileges"u8) || !tokens.Take("for"u8) || !tokens.Take("role"u8) || !tokens.Next() || !tokens.IsName) return null;
        var roles = new List<string> { tokens.Value };
        while (tokens.Next() && !tokens.Is("to"u8) && !tokens.Is("from"u8))
            if (!IsHarmless(tokens)) return null;
        if (ReadRoles(ref tokens) is not { } grantees || !OnlyWords(tokens)) return null;
        return new AccessStatement(AccessKind.DefaultPrivileges, "", [.. roles, .. grantees], SqlText.Decode(statement));
    }

    private static string? ReadObject(ref SqlTokens tokens, ReadOnlySpan<byte> statement)
    {
        if (ReadKind(ref tokens) is not { } space) return null;
        var before = tokens;
        if (!tokens.Next()) return null;
        var start = tokens.Start;
        tokens = before;

        var isNamed = space switch
        {
            "operator" => SkipOperator(ref tokens),
            "large object" => tokens.Next() && tokens.Kind == SqlTokenKind.Word && ulong.TryParse(Encoding.ASCII.GetString(tokens.Raw), out _),
            _ => SqlName.Read(ref tokens) is not null,
        };
        if (!isNamed) return null;
        var end = tokens.End;
        if (space is "routine" or "operator")
        {
            if (!SkipParentheses(ref tokens)) return null;
            end = tokens.End;
        }

        if (tokens.Take("using"u8))
        {
            if (!tokens.Next() || !tokens.IsName) return null;
            end = tokens.End;
        }

        return $"{space} {SqlText.Decode(statement[start..end])}";
    }

    private static string? ReadKind(ref SqlTokens tokens)
    {
        foreach (var (words, space) in Kinds)
        {
            var ahead = tokens;
            var taken = 0;
            while (taken < words.Length && ahead.Take(Encoding.ASCII.GetBytes(words[taken]))) taken++;
            if (taken < words.Length) continue;
            tokens = ahead;
            return space;
        }

        return null;
    }

    // public.=== (integer, integer)
    private static bool SkipOperator(ref SqlTokens tokens)
    {
        var symbols = 0;
        while (true)
        {
            var before = tokens;
            if (!tokens.Next()) return false;
            if (tokens.Is('('))
            {
                tokens = before;
                return symbols > 0;
            }
            if (tokens.Kind == SqlTokenKind.Symbol && !tokens.Is('.')) symbols++;
            else if (!tokens.IsName && !tokens.Is('.')) return false;
        }
    }

    private static bool SkipParentheses(ref SqlTokens tokens)
    {
        if (!tokens.Next() || !tokens.Is('(')) return false;
        for (var depth = 1; depth > 0;)
        {
            if (!tokens.Next() || !(IsHarmless(tokens) || tokens.Is('[') || tokens.Is(']'))) return false;
            if (tokens.Is('(')) depth++;
            if (tokens.Is(')')) depth--;
        }

        return true;
    }

    private static List<string>? ReadRoles(ref SqlTokens tokens)
    {
        var roles = new List<string>();
        while (tokens.Next() && tokens.IsName)
        {
            if (!tokens.Is("public"u8)) roles.Add(tokens.Value);
            var before = tokens;
            if (tokens.Next() && tokens.Is(',')) continue;
            tokens = before;
            return roles;
        }

        return null;
    }

    /// <summary>WITH GRANT OPTION, WITH ADMIN OPTION, CASCADE, GRANTED BY role.</summary>
    private static bool OnlyWords(SqlTokens tokens)
    {
        while (tokens.Next())
            if (tokens.Is(';')) return !tokens.Next();
            else if (!tokens.IsName) return false;
        return false;
    }

    private static bool Ends(SqlTokens tokens) => tokens.Next() && tokens.Is(';') && !tokens.Next();

    private static bool IsHarmless(in SqlTokens token) => token.IsName || token.Is(',') || token.Is('.') || token.Is('(') || token.Is(')');
}
