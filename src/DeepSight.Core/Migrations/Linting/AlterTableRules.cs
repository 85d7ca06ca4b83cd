namespace DeepSight.Core.Migrations.Linting;

/// <summary>The hazards of ALTER TABLE, action by action.</summary>
internal static class AlterTableRules
{
    /// <summary>Defaults that are one value for all rows, so that PostgreSQL stores it once (since 11).</summary>
    private static readonly string[] Stable =
        ["now", "current_timestamp", "current_date", "current_time", "localtimestamp", "localtime", "transaction_timestamp", "statement_timestamp", "current_user",
         "session_user", "current_setting", "to_timestamp", "make_interval", "make_date", "lower", "upper", "coalesce", "array", "jsonb_build_object", "jsonb_build_array",
         "row", "interval", "numeric", "decimal", "varchar", "char", "bit", "timestamp", "timestamptz", "time"];

    private static readonly string[] Serial = ["serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"];

    public static IEnumerable<(LintRule Rule, string What)> Check(StatementWords words, HashSet<string> created, Func<string, bool> hasValidatedCheck)
    {
        var at = words.Skip(words.Find(0, "table") + 1, "if", "exists");
        var (table, next) = words.Name(words.Skip(at, "only"));
        if (table is null) yield break;

        if (words.Has(next, "rename"))
        {
            yield return (LintRules.Rename, $"a rename in {table}");
            yield break;
        }

        if (created.Contains(table)) yield break;

        foreach (var (from, to) in Actions(words, next))
            foreach (var finding in OfAction(words, from, to, table, hasValidatedCheck))
                yield return finding;
    }

    private static IEnumerable<(LintRule, string)> OfAction(StatementWords words, int from, int to, string table, Func<string, bool> hasValidatedCheck)
    {
        if (words.Has(from, "add"))
            return IsConstraint(words, from + 1) ? Constraint(words, from, to, table) : NewColumn(words, from, to, table);

        if (words.Has(from, "drop") && !words.Has(from + 1, "constraint"))
            return [(LintRules.DropUsed, $"column {words.Name(words.Skip(words.Skip(from + 1, "column"), "if", "exists")).Name} of {table}")];

        if (!words.Has(from, "alter") || words.Has(from + 1, "constraint")) return [];

        var (column, action) = words.Name(words.Skip(from + 1, "column"));
        if (words.Has(action, "set", "not", "null") && !hasValidatedCheck(table)) return [(LintRules.SetNotNull, $"{table}.{column} SET NOT NULL")];
        return words.Has(action, "type") || words.Has(action, "set", "data", "type") ? [(LintRules.TypeRewrite, $"the type of {table}.{column}")] : [];
    }

    private static IEnumerable<(LintRule, string)> Constraint(StatementWords words, int from, int to, string table)
    {
        if (Within(words, from, to, "not", "valid")) yield break;

        var kind = words.Has(from + 1, "constraint") ? words.Name(from + 2).Next : from + 1;
        if (words.Has(kind, "foreign", "key")) yield return (LintRules.ForeignKeyNotValid, $"a foreign key of {table}");
        if (words.Has(kind, "check")) yield return (LintRules.CheckNotValid, $"a check on {table}");
        if ((words.Has(kind, "unique") || words.Has(kind, "primary", "key")) && !Within(words, from, to, "using", "index"))
            yield return (LintRules.UniqueWithoutIndex, $"a unique constraint on {table}");
    }

    private static IEnumerable<(LintRule, string)> NewColumn(StatementWords words, int from, int to, string table)
    {
        var (column, type) = words.Name(words.Skip(words.Skip(from + 1, "column"), "if", "not", "exists"));
        var defaults = Index(words, from, to, "default");
        var generated = Index(words, from, to, "generated") >= 0;
        var rewrites = generated || Serial.Contains(words[type]) || (defaults >= 0 && CallsVolatile(words, defaults, to));
        if (rewrites) yield return (LintRules.VolatileDefault, $"{table}.{column}");
        if (defaults < 0 && !generated && !Serial.Contains(words[type]) && Within(words, from, to, "not", "null"))
            yield return (LintRules.NotNullWithoutDefault, $"{table}.{column}");
        if (Index(words, from, to, "references") >= 0 && defaults >= 0) yield return (LintRules.ForeignKeyNotValid, $"{table}.{column}");
        if (Index(words, from, to, "unique") >= 0 || Within(words, from, to, "primary", "key")) yield return (LintRules.UniqueWithoutIndex, $"{table}.{column}");
        if (Index(words, from, to, "check") >= 0 && defaults >= 0) yield return (LintRules.CheckNotValid, $"{table}.{column}");
    }

    /// <summary>A function that isn't known to give one value: it may be volatile, and only the server could tell.</summary>
    private static bool CallsVolatile(StatementWords words, int from, int to)
    {
        for (var i = from + 1; i < to - 1; i++)
            if (words[i + 1] == "(" && words[i].Length > 0 && (char.IsLetter(words[i][0]) || words[i][0] == '_') && !Stable.Contains(words[i]) && words[i] != "check" && words[i] != "references")
                return true;

        return false;
    }

    private static bool IsConstraint(StatementWords words, int at) =>
        words.Has(at, "constraint") || words.Has(at, "foreign", "key") || words.Has(at, "check") || words.Has(at, "unique") || words.Has(at, "primary", "key") || words.Has(at, "exclude");

    /// <summary>Actions stand between commas outside parentheses.</summary>
    private static IEnumerable<(int From, int To)> Actions(StatementWords words, int from)
    {
        var depth = 0;
        for (var i = from; i < words.Count; i++)
        {
            if (words[i] is "(" or "[") depth++;
            if (words[i] is ")" or "]") depth--;
            if (depth != 0 || words[i] != ",") continue;

            yield return (from, i);
            from = i + 1;
        }

        yield return (from, words.Count);
    }

    private static bool Within(StatementWords words, int from, int to, params ReadOnlySpan<string> what) => words.Find(from, what) is var found and >= 0 && found < to;

    private static int Index(StatementWords words, int from, int to, string word) => words.Find(from, word) is var found and >= 0 && found < to ? found : -1;
}
