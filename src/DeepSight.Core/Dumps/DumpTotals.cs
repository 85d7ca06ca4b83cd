using System.IO.Hashing;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Dumps;

/// <summary>The inspector's view of the scanner's events.</summary>
internal sealed class DumpTotals : ISqlSink
{
    /// <summary>Of tables and columns, which are kept to be told: a hundred thousand tables of twenty columns have less.</summary>
    private const long MostNamed = 32 << 20;

    /// <summary>Routines that are told by name.</summary>
    private const int MostEndless = 20;

    private readonly List<string> endless = [];
    private readonly DumpComments comments = new();
    private readonly DumpRequirements requirements = new();
    private readonly SuperuserNeeds superuser = new();
    private readonly Dictionary<string, TableTotals> tables = [];
    private readonly List<TableTotals> order = [];
    private readonly XxHash3 statementHash = new();
    private Checksum statements;
    private Checksum values;
    private long inserts;
    private long named;
    private long largeObjects;
    private TableTotals table = new(new CopyHeader("", []));
    private volatile string? currentTable;

    public string? CurrentTable => currentTable;

    public void OnBlank(ReadOnlySpan<byte> text) => comments.Blank(text);

    public void OnComment(ReadOnlySpan<byte> text, bool last) => comments.Comment(text, last);

    public void OnMetaCommand(in SqlStatement command) => comments.MetaCommand(command.Head);

    public void OnStatementText(ReadOnlySpan<byte> text) => statementHash.Append(text);

    public void OnStatement(in SqlStatement statement)
    {
        var hash = statementHash.GetCurrentHashAsUInt64();
        statementHash.Reset();
        comments.Statement();

        if (statement.IsCopyFromStdin) BeginTable(statement.Head);
        else Add(statement.Head, hash);
        if (statement.GoesOnForPsql && endless.Count < MostEndless && requirements.LastCreated is { } name) endless.Add(name);
    }

    public void OnCopyRow(ReadOnlySpan<byte> row) => table.Row(row);

    public void OnCopyRowPart(ReadOnlySpan<byte> part, bool last) => table.RowPart(part, last);

    public void OnCopyEnd() => currentTable = null;

    public DumpSummary Summarize(SqlEnd end, long bytes) => new()
    {
        ServerVersion = comments.ServerVersion,
        PgDumpVersion = comments.PgDumpVersion,
        Tables = [.. order.Select(table => table.Summarize())],
        Statements = new StatementSummary(statements.Count, statements.ToString()),
        Values = new StatementSummary(values.Count, values.ToString()),
        Inserts = inserts,
        LargeObjects = largeObjects,
        Extensions = requirements.Extensions,
        Roles = requirements.Roles,
        Created = requirements.Created,
        EndlessForPsql = endless,
        SuperuserNeeds = superuser.Kinds,
        SqlBytes = bytes,
        HasTrailer = comments.HasTrailer,
        EndsInside = end.Kind switch
        {
            SqlEndKind.Clean => null,
            SqlEndKind.CopyData => $"the rows of {table.Name}",
            _ => $"{end.What} (line {end.Line:N0})",
        },
    };

    private void BeginTable(ReadOnlySpan<byte> head)
    {
        var header = CopyHeader.Read(head);
        if (!tables.TryGetValue(header.Table, out var known))
        {
            named += header.Table.Length + header.Columns.Sum(column => (long)column.Length);
            if (named > MostNamed)
                throw new DeepSightException(FailureKind.Corrupt, $"The dump names more than {order.Count:N0} tables: {MostNamed >> 20} MiB of names.",
                    "no database has so many; by hand, psql restores it: docs/recovery.md.");
            tables.Add(header.Table, known = new TableTotals(header));
            order.Add(known);
        }
        table = known;
        currentTable = known.Name;
    }

    private void Add(ReadOnlySpan<byte> head, ulong hash)
    {
        switch (DumpStatements.Classify(head))
        {
            case DumpStatement.Session:
                requirements.Statement(head);
                superuser.Statement(head);
                break;
            case DumpStatement.Schema:
                requirements.Statement(head);
                superuser.Statement(head);
                AddSchema(head, hash);
                break;
            case DumpStatement.LargeObject:
                largeObjects++;
                values.Add(hash);
                break;
            case DumpStatement.Insert:
                inserts++;
                values.Add(hash);
                break;
            default:
                values.Add(hash);
                break;
        }
    }

    // Some servers keep pg_attver among a column's options, and a restore may have to leave it out.
    private void AddSchema(ReadOnlySpan<byte> head, ulong hash)
    {
        switch (AttributeVersion.Find(head))
        {
            case null:
                statements.Add(hash);
                break;
            case { IsWholeStatement: false } option:
                statements.Add([.. head[..option.Start], .. head[option.End..]]);
                break;
        }
    }
}
