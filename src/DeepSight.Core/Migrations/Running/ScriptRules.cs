using System.Text;
using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations.Running;

/// <summary>What must hold of every script before the first one runs, since afterwards it would be too late.</summary>
internal static class ScriptRules
{
    internal const string OutsideTransaction = "put it into a migration of its own, with `-- transaction: off` at the top.";

    /// <returns>The script's statements.</returns>
    /// <exception cref="DeepSightException">It can't be split, or can't be run the way it is marked.</exception>
    /// <param name="standardStrings">As <see cref="MigrationSession.StandardStrings"/>.</param>
    public static IReadOnlyList<MigrationStatement> Check(MigrationScript script, bool standardStrings = true)
    {
        var statements = script.StatementsFor(standardStrings);
        foreach (var statement in statements) RefuseAnywhere(script, statement);
        if (!script.InTransaction)
        {
            if (statements.Count > 1)
                throw Wrong(script, statements[1], "a script with `-- transaction: off` holds one statement; this is its second",
                    "give each a migration of its own: if one fails, it must be clear what was done.");
            foreach (var statement in statements)
                if (ConcurrentStatement.TryParse(statement.Text) is { Kind: ConcurrentKind.Create, Name: null })
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
                throw Wrong(script, statement, $"{what} can't run in a transaction", OutsideTransaction);
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
        if (words.Starts("reindex") && words[BehindOptions(words, 1)] is "schema" or "database" or "system")
            return $"REINDEX {words[BehindOptions(words, 1)].ToUpperInvariant()}";
        if (words.Starts("cluster") && BehindOptions(words, words.Skip(1, "verbose")) >= words.Count) return "CLUSTER without a table";
        if (words.Starts("discard", "all")) return "DISCARD ALL";
        if (words.Starts("alter", "database") && words.Contains("set", "tablespace")) return "ALTER DATABASE … SET TABLESPACE";
        if (words.Starts("drop", "subscription")) return "DROP SUBSCRIPTION";
        if (words.Starts("create", "subscription")
            && !words.Contains("connect", "=", "false") && !words.Contains("create_slot", "=", "false"))
            return "CREATE SUBSCRIPTION";
        if (words.Starts("alter", "system")) return "ALTER SYSTEM";
        if (words.Starts("alter", "table") && words.Contains("detach", "partition") && words.Contains("concurrently")) return "DETACH PARTITION CONCURRENTLY";
        foreach (var action in (string[])["create", "drop"])
            foreach (var what in (string[])["database", "tablespace"])
                if (words.Starts(action, what))
                    return $"{action} {what}".ToUpperInvariant();

        return null;
    }

    internal static int BehindOptions(StatementWords words, int at) =>
        words[at] == "(" && words.Find(at, ")") is var end and > 0 ? end + 1 : at;

    private static void RefuseAnywhere(MigrationScript script, MigrationStatement statement)
    {
        var words = new StatementWords(statement.Text);
        if (WritesAlembicVersion(words))
            throw Wrong(script, statement, "it writes alembic_version, Alembic's own table",
                "leave the statement out; the journal records what is applied.");
        // What PREPARE and a function's body hold is theirs.
        if (!words.Starts("prepare") && words.Find(0, "function") is < 0 or > 3 && words.Find(0, "procedure") is < 0 or > 3
            && ParameterIn(statement.Text) is { } parameter)
            throw Wrong(script, statement, $"there is no parameter {parameter}",
                "write the value itself; text with a dollar sign stands in quotes.");
    }

    /// <summary>As Alembic's <c>--sql</c> prints it. To drop the table for good is left to whoever means it.</summary>
    private static bool WritesAlembicVersion(StatementWords words)
    {
        var at = words[0] switch
        {
            "insert" when words.Has(1, "into") => 2,
            "update" => words.Skip(1, "only"),
            "delete" when words.Has(1, "from") => words.Skip(2, "only"),
            "truncate" => words.Skip(words.Skip(1, "table"), "only"),
            "create" when words.Has(1, "table") => words.Skip(2, "if", "not", "exists"),
            "alter" when words.Has(1, "table") => words.Skip(2, "if", "exists"),
            _ => words.Count,
        };
        return words.Name(at).Name is { } table && table.Split('.')[^1] == "alembic_version";
    }

    /// <summary>As <c>$1</c>; the server would wait for its value, and then give up the connection.</summary>
    private static string? ParameterIn(string statement)
    {
        if (!statement.Contains('$')) return null;

        var tokens = new SqlTokens(Encoding.UTF8.GetBytes(statement));
        while (tokens.Next())
            if (tokens.Is('$') && !tokens.SkipDollarQuote() && tokens.Next() && char.IsAsciiDigit((char)tokens.Raw[0]))
                return $"${Encoding.UTF8.GetString(tokens.Raw)}";

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
