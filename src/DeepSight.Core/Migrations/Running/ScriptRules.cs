using System.Text;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>What must hold of every script before the first one runs, since afterwards it would be too late.</summary>
internal static class ScriptRules
{
    /// <returns>The script's statements.</returns>
    /// <exception cref="DeepSightException">It can't be split, or can't be run the way it is marked.</exception>
    public static IReadOnlyList<MigrationStatement> Check(MigrationScript script)
    {
        var statements = script.Statements;
        if (!script.InTransaction)
        {
            if (statements.Count > 1)
                throw Wrong(script, statements[1], "a script with `-- transaction: off` holds one statement; this is its second",
                    "give each a migration of its own: if one fails, it must be clear what was done.");
            foreach (var statement in statements)
                if (ConcurrentStatement.TryParse(statement.Text) is { Creates: true, Index: null })
                    throw Wrong(script, statement, "an index built CONCURRENTLY needs a name",
                        "name it: if the build is cut off, the next run finds the invalid index by its name and mends it.");
            return statements;
        }

        foreach (var statement in statements)
        {
            if (EndsTransaction(statement.Text))
                throw Wrong(script, statement, "a script does not begin or end transactions itself",
                    "remove it: each script runs in one transaction, together with its row in the journal.");
            if (RefusesTransaction(new StatementWords(statement.Text)) is { } what)
                throw Wrong(script, statement, $"{what} can't run in a transaction", "put it into a migration of its own, with `-- transaction: off` at the top.");
        }

        return statements;
    }

    internal static bool EndsTransaction(string statement) =>
        TransactionStatement.Classify(Encoding.UTF8.GetBytes(statement)) != TransactionEffect.None && !IsRollbackTo(new StatementWords(statement));

    /// <summary>Statements that call PreventInTransactionBlock in the server, save those whose form doesn't tell.</summary>
    internal static string? RefusesTransaction(StatementWords words)
    {
        if (ConcurrentIndexVerb(words) is { } verb) return verb;
        if (words.Starts("vacuum")) return "VACUUM";
        if (words.Starts("reindex") && (words.Has(1, "database") || words.Has(1, "system"))) return "REINDEX DATABASE";
        if (words.Starts("alter", "system")) return "ALTER SYSTEM";
        if (words.Starts("alter", "table") && words.Contains("detach", "partition") && words.Contains("concurrently")) return "DETACH PARTITION CONCURRENTLY";
        foreach (var action in (string[])["create", "drop"])
            foreach (var what in (string[])["database", "tablespace"])
                if (words.Starts(action, what))
                    return $"{action} {what}".ToUpperInvariant();

        return null;
    }

    private static string? ConcurrentIndexVerb(StatementWords words)
    {
        if (words.Starts("create", "index", "concurrently") || words.Starts("create", "unique", "index", "concurrently")) return "CREATE INDEX CONCURRENTLY";
        if (words.Starts("drop", "index", "concurrently")) return "DROP INDEX CONCURRENTLY";
        return words.Starts("reindex") && words.Find(0, "concurrently") is > 0 and < 12 ? "REINDEX CONCURRENTLY" : null;
    }

    private static bool IsRollbackTo(StatementWords words) => words.Starts("rollback", "to")
        || words.Starts("rollback", "transaction", "to") || words.Starts("rollback", "work", "to");

    private static DeepSightException Wrong(MigrationScript script, MigrationStatement statement, string what, string hint) =>
        new(FailureKind.InvalidInput, $"{script.Display}, line {statement.Line}: {what}.", hint);
}
