using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Linting;

/// <summary>The locking hazards, statement by statement, on tables that the file doesn't create itself.</summary>
internal static class LockRules
{
    public static IEnumerable<LintFinding> Check(MigrationFiles files, Revision revision)
    {
        var script = files.Up(revision);
        var created = new HashSet<string>(StringComparer.Ordinal);
        foreach (var statement in script.Statements)
        {
            var words = new StatementWords(statement.Text);
            if (CreatedTable(words) is { } table)
            {
                // Of a table that was perhaps there before we can't say that nobody waits for it; but then nothing happens to it either.
                created.Add(table);
                continue;
            }

            foreach (var (rule, what) in OfStatement(words, created, table => HasValidatedCheck(files, revision, table)))
                yield return new LintFinding(rule, script.Display, statement.Line, what);
        }
    }

    private static IEnumerable<(LintRule Rule, string What)> OfStatement(
        StatementWords words, HashSet<string> created, Func<string, bool> hasValidatedCheck)
    {
        if (words.Starts("alter", "table") || words.Starts("alter", "foreign", "table"))
            return AlterTableRules.Check(words, created, hasValidatedCheck);
        return Single(words, created) is { } one ? [one] : [];
    }

    private static (LintRule Rule, string What)? Single(StatementWords words, HashSet<string> created)
    {
        var unique = words.Skip(1, "unique");
        if (words.Starts("create") && words.Has(unique, "index") && !words.Has(unique + 1, "concurrently"))
        {
            var on = words.Find(unique, "on");
            var table = words.Name(words.Skip(on + 1, "only")).Name;
            return table is not null && !created.Contains(table) ? (LintRules.IndexNotConcurrent, $"an index on {table}") : null;
        }

        if (words.Starts("drop", "index") && !words.Has(2, "concurrently")) return (LintRules.DropIndexNotConcurrent, $"DROP INDEX {words.Name(words.Skip(2, "if", "exists")).Name}");
        if (words.Starts("drop", "table")) return (LintRules.DropUsed, $"DROP TABLE {words.Name(words.Skip(2, "if", "exists")).Name}");
        if (words.Starts("refresh", "materialized", "view") && !words.Has(3, "concurrently")) return (LintRules.RefreshNotConcurrent, $"{words.Name(3).Name}");
        if (words.Starts("vacuum") && words.Contains("full")) return (LintRules.Rewrite, "VACUUM FULL");
        if (words.Starts("cluster")) return (LintRules.Rewrite, "CLUSTER");
        if (words.Starts("reindex") && !words.Contains("concurrently")) return (LintRules.Rewrite, "REINDEX");
        if (words.Starts("lock")) return (LintRules.Rewrite, "LOCK TABLE");
        return WholeTable(words, created);
    }

    private static (LintRule, string)? WholeTable(StatementWords words, HashSet<string> created)
    {
        if (words.Contains("where")) return null;
        if (words.Starts("update") && words.Name(words.Skip(1, "only")).Name is { } updated && !created.Contains(updated)) return (LintRules.WholeTable, $"UPDATE {updated} without WHERE");
        return words.Starts("delete", "from") && words.Name(words.Skip(2, "only")).Name is { } emptied && !created.Contains(emptied)
            ? (LintRules.WholeTable, $"DELETE FROM {emptied} without WHERE")
            : null;
    }

    private static string? CreatedTable(StatementWords words)
    {
        if (!words.Starts("create")) return null;

        var at = 1;
        foreach (var kind in (string[])["global", "local", "temporary", "temp", "unlogged"]) at = words.Skip(at, kind);
        if (words.Has(at, "materialized", "view")) return words.Name(words.Skip(at + 2, "if", "not", "exists")).Name;
        return words.Has(at, "table") ? words.Name(words.Skip(at + 1, "if", "not", "exists")).Name : null;
    }

    /// <summary>
    /// A constraint of the column's table that was validated before, in this file only if it doesn't add one itself, whose lock it would
    /// hold: SET NOT NULL then reads nothing.
    /// </summary>
    private static bool HasValidatedCheck(MigrationFiles files, Revision revision, string table) =>
        files.Graph.Needs([revision]).Select(needed => (needed, Words: files.Up(needed).Statements.Select(statement => new StatementWords(statement.Text)).ToList()))
            .Where(file => file.needed != revision || !file.Words.Exists(words => IsOf(words, table) && words.Contains("not", "valid")))
            .SelectMany(file => file.Words).Any(words => IsOf(words, table) && words.Contains("validate", "constraint"));

    private static bool IsOf(StatementWords words, string table) => words.Starts("alter", "table") && words.Name(words.Skip(words.Skip(2, "if", "exists"), "only")).Name == table;
}
