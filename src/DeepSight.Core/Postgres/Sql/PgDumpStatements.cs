using System.Collections.Frozen;
using System.Text;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// The closed list of what pg_dump 14 to 18 (and, as far as known, older ones) write at top level. What is not on it is refused,
/// whatever it is: the list is of what is known to stay within a database that is restored.
/// </summary>
internal static class PgDumpStatements
{
    private const string Routine = "function|procedure|aggregate|routine";

    private const string Relation =
        "table|foreign table|unlogged table|view|recursive view|materialized view|sequence|unlogged sequence|index|unique index";

    private const string Others =
        "schema|extension|type|domain|operator class|operator family|operator|cast|conversion|default conversion|collation|"
        + "trusted procedural language|trusted language|procedural language|language|transform|access method|text search parser|"
        + "text search template|text search dictionary|text search configuration|foreign data wrapper|server|user mapping|rule|"
        + "trigger|constraint trigger|event trigger|policy|publication|subscription|statistics";

    private static readonly string[][] Created = Phrases($"{Relation}|{Routine}|{Others}");
    private static readonly string[][] Altered = Phrases($"{Relation}|{Routine}|{Others}|large object|default privileges");
    private static readonly string[][] Described = Phrases($"{Relation}|{Routine}|{Others}|large object|column|constraint");

    /// <summary>What it sets for the session that reads it (_doSetFixedOutputState in pg_backup_archiver.c, old versions included).</summary>
    private static readonly FrozenSet<string> Settings = FrozenSet.Create(
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout", "client_encoding",
        "standard_conforming_strings", "check_function_bodies", "xmloption", "client_min_messages", "row_security",
        "default_tablespace", "default_table_access_method", "default_with_oids", "escape_string_warning", "search_path");

    /// <summary>What the statement is, for people; null when pg_dump writes such.</summary>
    public static string? WhyNot(in SqlStatement statement)
    {
        var tokens = statement.Tokens;
        if (!tokens.Next() || tokens.Kind != SqlTokenKind.Word) return tokens.Is(';') ? null : "no statement at all";

        var (isKnown, why) = tokens.Value switch
        {
            "create" => Create(tokens, statement),
            "alter" => (Alter(tokens), null),
            "drop" => (TakePhrase(ref tokens, Created) is not null, null),
            "comment" => (tokens.Take("on"u8) && TakePhrase(ref tokens, Described) is not null, null),
            "security" => (IsLabel(tokens), null),
            "grant" or "revoke" => (IsGrantOnObject(tokens), "a membership, or a right on the server"),
            "set" => (IsSetting(statement.Head, tokens), null),
            "reset" => (tokens.Take("session"u8) && tokens.Take("authorization"u8), null),
            "select" => (PgDumpCalls.IsOne(tokens), "SELECT of other than pg_dump's calls"),
            "insert" => (statement.IsLiteralInsert && tokens.Take("into"u8) && IsOrdinaryTable(ref tokens), "INSERT of other than values"),
            "copy" => (statement.IsCopyFromStdin && IsCopyOfRows(tokens), "COPY of other than a table FROM stdin"),
            "refresh" => (tokens.Take("materialized"u8) && tokens.Take("view"u8), null),
            "begin" or "commit" => (!tokens.Next() || tokens.Is(';'), null),
            _ => (false, (string?)null),
        };
        return isKnown ? null : why ?? Words(statement.Tokens);
    }

    private static (bool, string?) Create(SqlTokens tokens, in SqlStatement statement)
    {
        if (tokens.Take("or"u8) && !tokens.Take("replace"u8)) return (false, null);
        return TakePhrase(ref tokens, Created) switch
        {
            null => (false, null),
            "table" or "unlogged table" or "foreign table" => (!Has(tokens, "as"u8), "CREATE TABLE AS"),
            "function" or "procedure" => (!IsOfForeignLibrary(tokens, statement), "a function in C of a library that is no extension's"),
            "schema" => (IsNameOnly(tokens), null),
            // connect = false: it would make a slot on another server.
            "subscription" => (!Connects(tokens), "CREATE SUBSCRIPTION that connects"),
            _ => (true, null),
        };
    }

    private static bool Alter(SqlTokens tokens) => TakePhrase(ref tokens, Altered) switch
    {
        null => false,
        "subscription" => tokens.Next() && tokens.IsName && tokens.Take("owner"u8),
        _ => true,
    };

    /// <summary>Longest phrases first, so that <c>operator class</c> isn't taken for <c>operator</c>.</summary>
    internal static string[][] Phrases(string alternatives) =>
        [.. alternatives.Split('|').Select(phrase => phrase.Split(' ')).OrderByDescending(words => words.Length)];

    /// <summary>The longest of the phrases that comes next; null, and nothing taken, where none does.</summary>
    internal static string? TakePhrase(ref SqlTokens tokens, string[][] phrases)
    {
        var longest = phrases[0].Length;
        var words = new string[longest];
        var ahead = tokens;
        var count = 0;
        while (count < longest && ahead.Next() && ahead.Kind == SqlTokenKind.Word) words[count++] = ahead.Value;
        foreach (var phrase in phrases)
        {
            if (phrase.Length > count || !phrase.AsSpan().SequenceEqual(words.AsSpan(0, phrase.Length))) continue;
            for (var i = 0; i < phrase.Length; i++) tokens.Next();
            return string.Join(' ', phrase);
        }
        return null;
    }

    /// <summary>The word, outside parentheses and bodies.</summary>
    private static bool Has(SqlTokens tokens, ReadOnlySpan<byte> word)
    {
        while (tokens.Next())
            if (tokens.Is(word)) return true;
            else if (tokens.Is('(')) SkipParentheses(ref tokens);
        return false;
    }

    private static bool Connects(SqlTokens tokens)
    {
        while (tokens.Next())
            if (tokens.Is("connect"u8)) return !(tokens.Take('=') && tokens.Take("false"u8));
        return true;
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

    private static bool IsNameOnly(SqlTokens tokens)
    {
        if (tokens.Take("if"u8)) _ = tokens.Take("not"u8) && tokens.Take("exists"u8);
        if (!tokens.Next() || !tokens.IsName) return false;
        if (tokens.Take("authorization"u8) && !(tokens.Next() && tokens.IsName)) return false;
        return !tokens.Next() || tokens.Is(';');
    }

    /// <summary>
    /// LANGUAGE c of a library that isn't <c>$libdir/name</c>: any other path could be a file that somebody put there. What lies in
    /// the server's own library folder was installed by its administrator.
    /// </summary>
    private static bool IsOfForeignLibrary(SqlTokens tokens, in SqlStatement statement)
    {
        var isC = false;
        var knowsLanguage = false;
        string? library = null;
        while (tokens.Next())
        {
            if (tokens.SkipDollarQuote()) continue;
            if (tokens.Is('(')) SkipParentheses(ref tokens);
            else if (tokens.Is("begin"u8) && tokens.Take("atomic"u8)) break;
            else if (tokens.Is("language"u8) && tokens.Next())
            {
                knowsLanguage = true;
                isC |= tokens.Kind != SqlTokenKind.Symbol && tokens.Value.Equals("c", StringComparison.OrdinalIgnoreCase);
            }
            else if (tokens.Is("as"u8) && tokens.Take('\''))
            {
                library ??= tokens.Value;
            }
        }
        if (!knowsLanguage) return statement.Length != statement.Head.Length;
        return isC && !(library is not null && library.StartsWith("$libdir/", StringComparison.Ordinal)
            && library["$libdir/".Length..].All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            && !library.Contains("..", StringComparison.Ordinal));
    }

    private static bool IsLabel(SqlTokens tokens)
    {
        if (!tokens.Take("label"u8)) return false;
        if (tokens.Take("for"u8) && !tokens.Next()) return false;
        return tokens.Take("on"u8) && TakePhrase(ref tokens, Described) is not null;
    }

    /// <summary>Memberships have no ON; tablespaces, parameters and databases are the server's.</summary>
    private static bool IsGrantOnObject(SqlTokens tokens)
    {
        while (tokens.Next() && !tokens.Is("to"u8) && !tokens.Is("from"u8))
            if (tokens.Is("on"u8)) return tokens.Next() && !(tokens.Is("tablespace"u8) || tokens.Is("parameter"u8) || tokens.Is("database"u8));
        return false;
    }

    private static bool IsSetting(ReadOnlySpan<byte> head, SqlTokens tokens)
    {
        if (tokens.Take("session"u8))
            return tokens.Take("authorization"u8) && tokens.Next() && (tokens.IsName || tokens.Kind == SqlTokenKind.String)
                && (!tokens.Next() || tokens.Is(';'));
        return SqlSetting.TryRead(head, out var name, out _) && Settings.Contains(name);
    }

    /// <summary>A superuser may write rows of the system's tables, and so make roles.</summary>
    private static bool IsOrdinaryTable(ref SqlTokens tokens)
    {
        if (SqlName.Read(ref tokens) is not { } name) return false;
        var unquoted = name.TrimStart('"');
        return !unquoted.StartsWith("pg_", StringComparison.Ordinal) && !unquoted.StartsWith("information_schema", StringComparison.Ordinal);
    }

    private static bool IsCopyOfRows(SqlTokens tokens)
    {
        if (!IsOrdinaryTable(ref tokens)) return false;
        if (tokens.Take('(')) SkipParentheses(ref tokens);
        // pg_dump up to 11.
        if (tokens.Take("with"u8) && !tokens.Take("oids"u8)) return false;
        if (!tokens.Take("from"u8) || !tokens.Take("stdin"u8)) return false;
        while (tokens.Next())
            if (tokens.Is("where"u8)) return false;
        return true;
    }

    /// <summary>Its first words, which are keywords; names and values of a foreign file are nothing for a terminal.</summary>
    private static string Words(SqlTokens tokens)
    {
        const int most = 3;
        var words = new StringBuilder();
        for (var i = 0; i < most && tokens.Next() && tokens.Kind == SqlTokenKind.Word && tokens.Raw.Length < 20; i++)
            words.Append(i == 0 ? "" : " ").Append(Encoding.ASCII.GetString(tokens.Raw).ToUpperInvariant());
        return words.Length == 0 ? "no statement at all" : words.ToString();
    }
}
