using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace DeepSight.Core.Postgres.Sql;

/// <summary>Applies a filter's rules to the scanner's events and remembers which bytes to drop.</summary>
internal sealed partial class SqlFilterDecisions(SqlFilterRules rules, Action<string, long>? copied, IStatementRouter? router, SqlSession? session) : ISqlSink
{
    /// <summary>In bytes. Far more than any statement has that a rule drops: they name a table, a column and an option.</summary>
    public const int LongestDrop = 64 * 1024;

    private readonly List<SqlEdit> edits = [];
    private readonly List<SqlFilterUse> uses = [];
    private string table = "";
    private long rows;

    public IReadOnlyList<SqlFilterUse> Uses => uses;

    /// <summary>Hands over the edits that begin no later than at <paramref name="limit"/>, in order.</summary>
    public List<SqlEdit> TakeEdits(long limit)
    {
        var taken = edits.FindAll(edit => edit.Start <= limit);
        edits.RemoveRange(0, taken.Count);
        return taken;
    }

    public void OnStatement(in SqlStatement statement)
    {
        if (statement.IsCopyFromStdin)
        {
            DecideKind(statement);
            Route(statement);
            table = copied is null ? "" : CopyHeader.Read(statement.Head).Table;
            rows = 0;
            session?.Take(statement);
            return;
        }

        if (rules.EndForPsql is not null && statement.IsCutByPsql)
            throw Refused($"psql would cut the statement at line {statement.Line:N0} within its body, at a name such as 'end'.", "write that name in double quotes.");
        var before = edits.Count;
        Decide(statement);
        if (edits.Count > before) return;
        session?.Take(statement);
        Route(statement);
        if (rules.EndForPsql is not null && statement.GoesOnForPsql) edits.Add(new SqlEdit(statement.Offset + statement.Length, statement.Offset + statement.Length, SqlEditKind.EndForPsql));
    }

    public void OnMetaCommand(in SqlStatement command)
    {
        var isRestrict = command.Length == command.Head.Length && !command.IsWithinStatement
            && Restrict().IsMatch(SqlText.Decode(command.Head));
        if (isRestrict && rules.DropRestrict) Drop(NameOf(command), command);
        if (isRestrict || !rules.RefuseMetaCommands) return;

        throw Refused($"The SQL holds psql's command {NameOf(command)} at line {command.Line:N0}.",
            "Such commands can run programs or leave the database. pg_dump writes none; of a pg_dumpall file, take one database.");
    }

    public void OnCopyRow(ReadOnlySpan<byte> row) => rows++;

    public void OnCopyRowPart(ReadOnlySpan<byte> part, bool last) => rows += last ? 1 : 0;

    public void OnCopyEnd() => copied?.Invoke(table, rows);

    public static DeepSightException ZeroByte(long offset) => Refused($"The SQL holds a zero byte, at offset {offset:N0}.",
        "PostgreSQL stores none in text: the file is damaged, or it is no plain dump (pg_dump -Fc and -Fd are for pg_restore).");

    private void Decide(in SqlStatement statement)
    {
        var before = edits.Count;
        if (rules.OwnTransaction || rules.KeepTransaction) DecideTransaction(statement);
        if (rules.WithinDatabase) DecideReach(statement);
        if (edits.Count == before) DecideKind(statement);
        if (rules.KeptSchemas.Count > 0 || rules.KeptExtensions.Count > 0) DecideKept(statement);
        DecideSetting(statement);
        if (rules.DropAttributeVersions && AttributeVersion.Find(statement.Head) is { } version)
            DropOption(statement, version);
    }

    /// <summary>A statement that began here and has not ended is passed on: its beginning can't be held any longer.</summary>
    public void PassLong(long offset)
    {
        if (router?.Close() == StatementRoute.AfterCut) edits.Add(new SqlEdit(offset, offset, SqlEditKind.Cut));
    }

    private void Route(in SqlStatement statement)
    {
        if (router is null) return;
        if (statement.Length > LongestDrop)
        {
            PassLong(statement.Offset);
            return;
        }

        var route = router.Route(statement);
        if (route.HasFlag(StatementRoute.AfterCut)) edits.Add(new SqlEdit(statement.Offset, statement.Offset, SqlEditKind.Cut));
        if (route.HasFlag(StatementRoute.Aside)) edits.Add(new SqlEdit(statement.Offset, statement.Offset + statement.Length, SqlEditKind.Drop));
    }

    private void DecideTransaction(in SqlStatement statement)
    {
        switch (TransactionStatement.Classify(statement.Head))
        {
            case TransactionEffect.Begins when rules.OwnTransaction:
                Drop("BEGIN", statement);
                break;
            case TransactionEffect.Commits when rules.OwnTransaction:
                Drop("COMMIT", statement);
                break;
            case TransactionEffect.Ends:
                throw Refused($"The statement at line {statement.Line:N0} would end the transaction of the restore.",
                    "pg_dump writes nothing but BEGIN and COMMIT, which are left out; remove the statement.");
        }
    }

    private void DecideReach(in SqlStatement statement)
    {
        switch (StatementReach.Find(statement.Head))
        {
            case (var what, true):
                Drop(what, statement);
                break;
            case (var what, false):
                throw Refused($"The statement at line {statement.Line:N0}, {what}, reaches beyond the database that is restored.",
                    "remove it, if the rest of the file is what you want; of a pg_dumpall file, take one database.");
        }
    }

    private void DecideKind(in SqlStatement statement)
    {
        if (rules.OnlyPgDumps && PgDumpStatements.WhyNot(statement) is { } what)
            throw Refused($"The statement at line {statement.Line:N0} is none that pg_dump writes: {what}.",
                "it could reach beyond the database; remove it if the rest of the file is what you want. "
                + "A file that was made by hand and that you trust: --trust-statements.");
    }

    /// <summary>CREATE SCHEMA x; COMMENT ON SCHEMA x …; CREATE EXTENSION IF NOT EXISTS x …; COMMENT ON EXTENSION x …</summary>
    private void DecideKept(in SqlStatement statement)
    {
        var tokens = new SqlTokens(statement.Head);
        var creates = tokens.Take("create"u8);
        if (!creates && !(tokens.Take("comment"u8) && tokens.Take("on"u8))) return;

        var isSchema = tokens.Take("schema"u8);
        if (!isSchema && !tokens.Take("extension"u8)) return;
        if (tokens.Take("if"u8)) _ = tokens.Take("not"u8) && tokens.Take("exists"u8);
        if (!tokens.Next() || !tokens.IsName || !(isSchema ? rules.KeptSchemas : rules.KeptExtensions).Contains(tokens.Value)) return;

        Drop($"{(creates ? "CREATE" : "COMMENT ON")} {(isSchema ? "SCHEMA" : "EXTENSION")} {SqlName.Quote(tokens.Value)}", statement);
    }

    private void DecideSetting(in SqlStatement statement)
    {
        if (!SqlSetting.TryRead(statement.Head, out var name, out var value)) return;

        if (rules.UnknownSettings.Contains(name)) Drop("SET " + name, statement);
        if (rules.RefuseMetaCommands && name == "client_encoding" && ClientEncoding.IsAmbiguous(value))
        {
            throw Refused($"Line {statement.Line:N0} sets the encoding {value}, in which a backslash can be half of a character.",
                "Dump again with --encoding=UTF8.");
        }
    }

    private void Drop(string what, in SqlStatement statement)
    {
        if (statement.Length > LongestDrop)
            throw Refused($"The statement at line {statement.Line:N0}, {what}, is longer than {LongestDrop / 1024} KB, and can't be left out.", "pg_dump writes none that long; remove it.");

        edits.Add(new SqlEdit(statement.Offset, statement.Offset + statement.Length, SqlEditKind.Drop));
        Count(what);
    }

    private void DropOption(in SqlStatement statement, AttributeVersion option)
    {
        if (option.IsWholeStatement)
        {
            Drop("pg_attver", statement);
            return;
        }
        // With a meta-command inside, the head isn't what the file has at these offsets.
        if (statement.Length != statement.Head.Length) return;

        edits.Add(new SqlEdit(statement.Offset + option.Start, statement.Offset + option.End, SqlEditKind.Drop));
        Count("pg_attver");
    }

    private void Count(string what)
    {
        var known = uses.FindIndex(use => use.What == what);
        if (known < 0) uses.Add(new SqlFilterUse(what, 1));
        else uses[known] = uses[known] with { Count = uses[known].Count + 1 };
    }

    private static string NameOf(in SqlStatement command) => CommandName().Match(SqlText.Decode(command.Head)).Value;

    private static DeepSightException Refused(string message, string hint) => new(FailureKind.Refused, message, hint);

    // psql takes letters and digits only; anything more on the line could be a second command.
    [GeneratedRegex(@"\A\\(un)?restrict +[A-Za-z0-9]+[ \r]*\z")]
    private static partial Regex Restrict();

    [GeneratedRegex(@"\A\\([A-Za-z_]{1,30}|.)?", RegexOptions.Singleline)]
    private static partial Regex CommandName();
}

/// <summary>What a filter does to its input, at offsets in it.</summary>
internal readonly record struct SqlEdit(long Start, long End, SqlEditKind Kind);

/// <summary>The kinds of <see cref="SqlEdit"/>; all but the first are of no length.</summary>
internal enum SqlEditKind
{
    Drop,

    /// <summary>The end of a statement that psql must be told of.</summary>
    EndForPsql,

    /// <summary>What comes before it is to be done first.</summary>
    Cut,
}

/// <summary>
/// The encodings that only a client can have (pg_wchar.h, after PG_ENCODING_BE_LAST): the second byte of a character may be an
/// ASCII one, so that psql sees other backslashes than whoever reads bytes. pg_dump writes them with <c>--encoding</c> only.
/// </summary>
internal static class ClientEncoding
{
    private static readonly FrozenSet<string> Ambiguous = FrozenSet.Create(
        "sjis", "mskanji", "shiftjis", "win932", "windows932", "shiftjis2004", "big5", "win950", "windows950", "gbk", "win936",
        "windows936", "uhc", "win949", "windows949", "gb18030", "johab");

    /// <param name="name">As in a SET; PostgreSQL reads its letters and digits only, without case (clean_encoding_name).</param>
    public static bool IsAmbiguous(string name) =>
        Ambiguous.Contains(string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant());
}
