using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations;

/// <summary>Collects the places of a file's statements and refuses what only psql understands.</summary>
internal sealed class StatementSpans(string file) : ISqlSink
{
    private readonly List<StatementSpan> found = [];

    public IReadOnlyList<StatementSpan> Found => found;

    public void OnStatement(in SqlStatement statement)
    {
        if (statement.IsCopyFromStdin)
            throw Refused("COPY … FROM stdin can't be run here", statement.Line, "Write the rows as INSERT … VALUES.");
        if (statement.IsCopyToStdout)
            throw Refused("COPY … TO stdout can't be run here, where nobody reads the rows", statement.Line,
                "Remove it; psql's \\copy exports rows.");

        var semicolon = statement.IsTerminated ? 1 : 0;
        found.Add(new StatementSpan((int)statement.Offset, (int)statement.Length - semicolon, (int)statement.Line));
    }

    public void OnMetaCommand(in SqlStatement command)
    {
        var name = SqlText.Decode(command.Head).Split([' ', '\t', '\r', ';'], 2)[0];
        throw Refused($"psql's command {name} can't be run here", command.Line, HintFor(name));
    }

    private static string HintFor(string command) => command switch
    {
        @"\i" or @"\ir" or @"\include" or @"\include_relative" =>
            "Put that file's statements here, or make it a migration of its own.",
        @"\c" or @"\connect" => "A migration runs in the configured database; give another database its own migrations.",
        @"\copy" => "Write the rows as INSERT … VALUES.",
        @"\set" or @"\gset" or @"\if" or @"\elif" or @"\else" or @"\endif" or @"\gexec" =>
            "Use a DO block, which has variables and conditions.",
        @"\echo" or @"\qecho" or @"\warn" => "Use RAISE NOTICE in a DO block.",
        @"\g" or @"\gx" or @"\;" => "End the statement with a semicolon.",
        _ => "Remove it, or write it in SQL: a backslash outside quotes is for psql, and migrations run without it.",
    };

    private DeepSightException Refused(string message, long line, string hint) =>
        new(FailureKind.InvalidInput, $"{file}, line {line}: {message}.", hint);
}

/// <summary>Where a statement lies in a file's bytes, its semicolon left out.</summary>
internal readonly record struct StatementSpan(int Start, int Length, int Line);
