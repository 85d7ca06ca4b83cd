using System.Collections.Frozen;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>The functions that pg_dump's SELECTs call: sequences' values, the search path, large objects, statistics.</summary>
internal static class PgDumpCalls
{
    private static readonly FrozenSet<string> Calls = FrozenSet.Create(
        "pg_catalog.setval", "pg_catalog.set_config", "pg_catalog.lo_create", "pg_catalog.lo_open", "pg_catalog.lowrite",
        "pg_catalog.lo_close", "pg_catalog.lo_unlink", "pg_catalog.pg_restore_relation_stats", "pg_catalog.pg_restore_attribute_stats");

    /// <summary>Of literals only: <c>SELECT pg_catalog.setval('public.s', 7, true);</c></summary>
    public static bool IsOne(SqlTokens tokens)
    {
        if (tokens.Take('*') && !tokens.Take("from"u8)) return false;
        if (SqlName.Read(ref tokens) is not { } name || !Calls.Contains(name) || !tokens.Take('(')) return false;
        if (name == "pg_catalog.lo_unlink" && tokens.Take("oid"u8)) return IsUnlinkIfThere(tokens);

        var first = tokens;
        if (!TakeLiterals(ref tokens)) return false;
        if (tokens.Next() && !tokens.Is(';')) return false;
        return name != "pg_catalog.set_config" || (first.Next() && first.Kind == SqlTokenKind.String && first.Value == "search_path");
    }

    /// <summary><c>--clean --if-exists</c>: <c>lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid = '16420';</c></summary>
    private static bool IsUnlinkIfThere(SqlTokens tokens) =>
        tokens.Take(')') && tokens.Take("from"u8) && SqlName.Read(ref tokens) == "pg_catalog.pg_largeobject_metadata"
        && tokens.Take("where"u8) && tokens.Take("oid"u8) && tokens.Take('=') && tokens.Next()
        && tokens.Kind == SqlTokenKind.String && tokens.Take(';') && !tokens.Next();

    /// <summary>To the closing parenthesis.</summary>
    private static bool TakeLiterals(ref SqlTokens tokens)
    {
        while (tokens.Next())
        {
            if (tokens.Is(')')) return true;
            var isLiteral = tokens.Kind switch
            {
                SqlTokenKind.String => true,
                SqlTokenKind.Word => tokens.Is("true"u8) || tokens.Is("false"u8) || tokens.Is("null"u8) || char.IsAsciiDigit((char)tokens.Raw[0]),
                SqlTokenKind.Symbol => tokens.Is(',') || tokens.Is('-') || tokens.Is('.') || (tokens.Is(':') && TakeType(ref tokens)),
                _ => false,
            };
            if (!isLiteral) return false;
        }
        return false;
    }

    /// <summary>After the first colon of <c>::double precision[]</c>.</summary>
    private static bool TakeType(ref SqlTokens tokens)
    {
        if (!tokens.Take(':') || SqlName.Read(ref tokens) is null) return false;
        tokens.Take("precision"u8);
        return !tokens.Take('[') || tokens.Take(']');
    }
}
