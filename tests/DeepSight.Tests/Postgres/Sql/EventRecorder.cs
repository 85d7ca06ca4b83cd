using System.Text;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Tests.Postgres.Sql;

/// <summary>Writes a scanner's events down, one line each, with parts joined: what must not depend on the chunks.</summary>
internal sealed class EventRecorder : ISqlSink
{
    private readonly StringBuilder part = new();
    private string partKind = "";

    public List<string> Events { get; } = [];

    public SqlEnd End { get; private set; }

    /// <summary>Just the statements' texts.</summary>
    public List<string> Statements { get; } = [];

    public List<string> Heads { get; } = [];

    public List<string> MetaCommands { get; } = [];

    public List<string> Rows { get; } = [];

    public static EventRecorder Scan(string sql, SqlDialect dialect = SqlDialect.Psql) => Scan([Encoding.Latin1.GetBytes(sql)], dialect);

    public static EventRecorder Scan(IEnumerable<byte[]> chunks, SqlDialect dialect = SqlDialect.Psql)
    {
        var recorder = new EventRecorder();
        var scanner = new SqlScanner(recorder, dialect);
        foreach (var chunk in chunks) scanner.Append(chunk);
        recorder.End = scanner.Complete();
        recorder.Flush();
        recorder.Events.Add($"end {recorder.End}");
        return recorder;
    }

    public void OnBlank(ReadOnlySpan<byte> text) => Add("blank", text);

    public void OnComment(ReadOnlySpan<byte> text, bool last)
    {
        Add("comment", text);
        if (last) Flush();
    }

    public void OnStatementText(ReadOnlySpan<byte> text) => Add("text", text);

    public void OnStatement(in SqlStatement statement)
    {
        Statements.Add(partKind == "text" ? part.ToString() : "");
        Flush();
        Heads.Add(Encoding.Latin1.GetString(statement.Head));
        Record("statement", statement);
    }

    public void OnMetaCommand(in SqlStatement command)
    {
        Flush();
        MetaCommands.Add(Encoding.Latin1.GetString(command.Head));
        Record("meta", command);
    }

    public void OnCopyRow(ReadOnlySpan<byte> row) => OnCopyRowPart(row, last: true);

    public void OnCopyRowPart(ReadOnlySpan<byte> part, bool last)
    {
        Add("row", part);
        if (!last) return;
        Rows.Add(this.part.ToString());
        Flush();
    }

    public void OnCopyEnd()
    {
        Flush();
        Events.Add("copy end");
    }

    private void Add(string kind, ReadOnlySpan<byte> text)
    {
        if (kind != partKind) Flush();
        partKind = kind;
        part.Append(Encoding.Latin1.GetString(text));
    }

    private void Flush()
    {
        if (part.Length > 0) Events.Add($"{partKind} {part}");
        part.Clear();
        partKind = "";
    }

    private void Record(string kind, SqlStatement s) => Events.Add(
        $"{kind} at {s.Offset}+{s.Length} line {s.Line} copy {s.IsCopyFromStdin} terminated {s.IsTerminated}: {Encoding.Latin1.GetString(s.Head)}");
}
