using System.Text;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations.Importing;

/// <summary>What a revision sent on one way, as the texts of files: one, unless something in it can't run in a transaction with the rest.</summary>
internal sealed class RecordedWay
{
    private const int LongestQuote = 200;

    private const int ShortQuote = 60;

    private readonly List<Part> parts = [];
    private readonly List<string> reviews = [];
    private readonly StringBuilder pending = new();
    private bool isOpen;

    private RecordedWay()
    {
    }

    /// <summary>In the order in which they run; none where nothing was sent.</summary>
    public IReadOnlyList<Part> Parts => parts;

    /// <summary>What somebody has to look at, as the comments in the files say it.</summary>
    public IReadOnlyList<string> Reviews => reviews;

    /// <param name="of">For messages: <c>the upgrade of 3f2a</c>.</param>
    /// <exception cref="DeepSightException">It sent something that no file can hold.</exception>
    public static RecordedWay Of(AlembicAnswer answer, string of)
    {
        var way = new RecordedWay();
        if (answer.Statements.All(statement => statement.Source == StatementSource.Env)) return way;

        foreach (var sent in answer.Statements) way.Add(sent, answer.VersionTable, of);
        if (way.pending.Length > 0) way.Write("");
        return way;
    }

    /// <summary>A file's part below its headers.</summary>
    /// <param name="inTransaction">False for a single statement that runs on its own.</param>
    internal sealed class Part(bool inTransaction)
    {
        private readonly StringBuilder text = new();

        public string Text => (inTransaction ? "" : "-- transaction: off\n") + "\n" + text.ToString().TrimEnd() + "\n";

        public void Append(string more) => text.Append(more);
    }

    private void Add(AlembicStatement sent, string versionTable, string of)
    {
        var isEnvs = sent.Source == StatementSource.Env;
        if (isEnvs && (sent.Rows is not null || sent.Sql.Contains(versionTable, StringComparison.Ordinal))) return;
        if (sent.Failed)
        {
            Review($"this failed, and the revision went on: {Quote(sent.Sql)}");
            return;
        }

        var words = new StatementWords(sent.Sql);
        if (sent is { Rows: { } rows, Source: StatementSource.Revision })
        {
            var stays = Writes(words) || Calls(words);
            Review(stays
                ? "the revision may have read the result of the next statement, and may do something else where that differs"
                : "the revision may do something else where this query finds other rows than in the empty database of the import"
                    + $"{(rows < 0 ? "" : $" ({rows})")}: {Quote(sent.Sql)}");
            if (!stays) return;
        }

        // How long a statement may take is the run's own business; alone in a file it would mean nothing.
        if (IsLimit(words) && (sent.Autocommit || isEnvs)) return;
        foreach (var statement in SqlSplitter.Split(sent.Sql, of)) Add(statement.Text, sent.Autocommit, of);
    }

    private void Add(string statement, bool autocommit, string of)
    {
        var effect = ScriptRules.EndsTransaction(statement)
            ? TransactionStatement.Classify(Encoding.UTF8.GetBytes(statement)) : TransactionEffect.None;
        if (effect == TransactionEffect.Ends)
            throw new DeepSightException(FailureKind.Refused,
                $"Alembic's {of} sends {Quote(statement)}: what it undoes can't be told. Nothing was written.",
                "take it out of the revision: Alembic rolls back by itself where something fails.");

        var words = new StatementWords(statement);
        var alone = autocommit || ScriptRules.RefusesTransaction(words) is not null;
        if (alone || effect != TransactionEffect.None) isOpen = false;
        if (effect != TransactionEffect.None) return;

        if (!isOpen) parts.Add(new Part(!alone));
        isOpen = !alone;
        // As SQLAlchemy lays it out, without the blanks at the ends of lines.
        if (words.Starts("create", "table"))
            statement = statement.Replace(", \n\t", ",\n    ", StringComparison.Ordinal).Replace("(\n\t", "(\n    ", StringComparison.Ordinal);
        Write(statement + (statement.Contains('\n') ? ";\n\n" : ";\n"));
    }

    private void Write(string text)
    {
        if (parts.Count == 0) parts.Add(new Part(inTransaction: true));
        parts[^1].Append(pending + text);
        pending.Clear();
    }

    private void Review(string what)
    {
        reviews.Add(what);
        pending.Append("-- review: ").Append(what).Append('\n');
    }

    /// <summary>On one line; of a long query its beginning and its condition.</summary>
    private static string Quote(string sql)
    {
        var line = string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length > LongestQuote && line.IndexOf(" WHERE ", StringComparison.OrdinalIgnoreCase) is > ShortQuote and var where)
            line = line[..ShortQuote] + " …" + line[where..];
        return line.Length <= LongestQuote ? line : line[..LongestQuote] + "…";
    }

    private static bool Writes(StatementWords words) => !words.Starts("select")
        && (words.Contains("insert", "into") || words.Contains("update") || words.Contains("delete", "from")
            || words.Starts("merge") || words.Starts("call"));

    private static bool IsLimit(StatementWords words) =>
        words.Starts("set") && words[words.Skip(words.Skip(1, "local"), "session")].EndsWith("_timeout", StringComparison.Ordinal);

    /// <summary><c>SELECT setval(…)</c>, <c>SELECT app.audit('users')</c>: a function called for what it does.</summary>
    private static bool Calls(StatementWords words)
    {
        if (!words.Starts("select") || words[1] == "exists" || words[words.Name(1).Next] != "(") return false;
        for (var (at, depth) = (1, 0); at < words.Count; at++)
        {
            depth += words[at] switch { "(" => 1, ")" => -1, _ => 0 };
            if (depth == 0 && words.Has(at, "from")) return false;
        }

        return true;
    }
}
