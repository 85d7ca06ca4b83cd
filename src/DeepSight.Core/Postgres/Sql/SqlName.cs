using System.Text.RegularExpressions;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// Names as this tool writes them: a part is quoted unless it is all lower-case ASCII letters, digits, <c>_</c> and <c>$</c>,
/// with
/// no digit first. So they are unambiguous whatever a name holds, valid as SQL but for bare keywords, and equal whichever
/// version wrote the dump: PostgreSQL's own quote_ident quotes the keywords of its version besides.
/// </summary>
internal static partial class SqlName
{
    /// <summary>Reads a name, qualified or not, whose first token comes next. Null when there is none.</summary>
    public static string? Read(ref SqlTokens tokens)
    {
        if (!tokens.Next() || !tokens.IsName) return null;
        var name = Quote(tokens.Value);
        while (true)
        {
            var before = tokens;
            if (!tokens.Next() || !tokens.Is('.') || !tokens.Next() || !tokens.IsName)
            {
                tokens = before;
                return name;
            }
            name += "." + Quote(tokens.Value);
        }
    }

    public static string Quote(string part) => Plain().IsMatch(part) ? part : $"\"{part.Replace("\"", "\"\"")}\"";

    [GeneratedRegex(@"\A[a-z_][a-z0-9_$]*\z")]
    private static partial Regex Plain();
}
