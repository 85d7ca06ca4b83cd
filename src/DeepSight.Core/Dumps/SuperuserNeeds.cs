using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>What in a dump only a superuser may load, by kind. Extensions are not in it: the server tells which of them anyone may create.</summary>
internal sealed class SuperuserNeeds
{
    private readonly SortedSet<string> kinds = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Kinds => [.. kinds];

    public void Statement(ReadOnlySpan<byte> head)
    {
        if (Of(head) is { } need) kinds.Add(need);
    }

    private static string? Of(ReadOnlySpan<byte> head)
    {
        var tokens = new SqlTokens(head);
        if (!tokens.Next() || tokens.Kind != SqlTokenKind.Word) return null;

        if (tokens.Is("create"u8)) return OfCreate(tokens);
        if (tokens.Is("set"u8)) return tokens.Take("session"u8) ? "other roles" : null;
        if (tokens.Is("security"u8)) return "security labels";
        if (tokens.Is("grant"u8) || tokens.Is("revoke"u8)) return Has(tokens, "pg_catalog"u8) ? "grants on the system's objects" : null;
        return tokens.Is("alter"u8) ? OfAlter(tokens) : null;
    }

    private static string? OfCreate(SqlTokens tokens)
    {
        if (tokens.Take("or"u8)) tokens.Take("replace"u8);
        if (tokens.Take("function"u8) || tokens.Take("procedure"u8)) return OfRoutine(tokens);
        if (tokens.Take("event"u8)) return "event triggers";
        if (tokens.Take("foreign"u8)) return tokens.Take("data"u8) ? "foreign data wrappers" : null;
        if (tokens.Take("access"u8)) return "access methods";
        if (tokens.Take("operator"u8)) return tokens.Take("class"u8) || tokens.Take("family"u8) ? "operator classes" : null;
        if (tokens.Take("text"u8)) return tokens.Take("search"u8) && (tokens.Take("parser"u8) || tokens.Take("template"u8)) ? "text search parsers" : null;
        if (tokens.Take("type"u8)) return Has(tokens, "input"u8) ? "base types" : null;
        if (tokens.Take("aggregate"u8)) return Has(tokens, "internal"u8) ? "aggregates of internal state" : null;
        if (tokens.Take("publication"u8)) return Has(tokens, "all"u8) || Has(tokens, "schema"u8) ? "publications of all tables" : null;
        if (tokens.Take("schema"u8)) return Has(tokens, "authorization"u8) ? "other roles" : null;
        if (tokens.Take("server"u8)) return "foreign servers";
        if (tokens.Take("subscription"u8)) return "subscriptions";
        if (tokens.Take("cast"u8)) return "casts";
        if (tokens.Take("transform"u8)) return "transforms";
        return tokens.Take("language"u8) || tokens.Take("procedural"u8) || tokens.Take("trusted"u8) ? "languages" : null;
    }

    private static string? OfAlter(SqlTokens tokens)
    {
        if (tokens.Take("default"u8)) return "other roles";
        if (tokens.Take("publication"u8) && Has(tokens, "schema"u8)) return "publications of all tables";
        while (tokens.Next())
            if (tokens.Is("owner"u8) && tokens.Take("to"u8)) return "other roles";
            else if (tokens.Is("trigger"u8) && tokens.Take("all"u8)) return "switching all triggers off";
            else if (tokens.Is('(')) SkipParentheses(ref tokens);
        return null;
    }

    /// <summary>Languages that anyone may use don't end with u; leakproof functions and planner support are for superusers.</summary>
    private static string? OfRoutine(SqlTokens tokens)
    {
        while (tokens.Next())
        {
            if (tokens.SkipDollarQuote()) continue;
            if (tokens.Is('(')) SkipParentheses(ref tokens);
            else if (tokens.Is("begin"u8) && tokens.Take("atomic"u8)) return null;
            else if (tokens.Is("leakproof"u8) || tokens.Is("support"u8)) return "leakproof functions and planner support";
            else if (tokens.Is("language"u8) && tokens.Next() && (tokens.Value is "c" or "C" or "internal" || tokens.Value.EndsWith('u')))
                return "functions in untrusted languages";
        }
        return null;
    }

    private static bool Has(SqlTokens tokens, ReadOnlySpan<byte> word)
    {
        while (tokens.Next())
            if (tokens.Is(word)) return true;
        return false;
    }

    private static void SkipParentheses(ref SqlTokens tokens)
    {
        for (var depth = 1; depth > 0 && tokens.Next();)
        {
            if (tokens.Is('(')) depth++;
            else if (tokens.Is(')')) depth--;
            else tokens.SkipDollarQuote();
        }
    }
}
