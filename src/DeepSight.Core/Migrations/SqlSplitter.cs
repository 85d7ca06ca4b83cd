using System.Text;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Core.Migrations;

/// <summary>
/// Splits a migration file into statements, to be sent one by one: Npgsql's own splitting breaks BEGIN ATOMIC bodies. The server
/// gets what the file says, so what only psql understands is refused: meta-commands, and COPY … FROM stdin with its data (rows
/// of a
/// migration are few; INSERT does).
/// </summary>
public static class SqlSplitter
{
    /// <param name="sql">The file's text; a byte order mark does no harm.</param>
    /// <param name="file">For messages.</param>
    /// <param name="standardStrings">False where the session has <c>standard_conforming_strings = off</c>.</param>
    /// <returns>In the file's order; a semicolon with nothing before it is no statement.</returns>
    /// <exception cref="DeepSightException"><see cref="FailureKind.InvalidInput"/>, with file and line.</exception>
    public static IReadOnlyList<MigrationStatement> Split(string sql, string file, bool standardStrings = true)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        var spans = new StatementSpans(file);
        var scanner = new SqlScanner(spans, SqlDialect.Server, standardStrings);
        scanner.Append(bytes);
        var end = scanner.Complete();
        if (!end.IsClean && end.Kind != SqlEndKind.Statement) throw Unclosed(end, bytes, file);

        return [.. Read(bytes, spans.Found)];
    }

    private static IEnumerable<MigrationStatement> Read(byte[] bytes, IEnumerable<StatementSpan> spans)
    {
        var (characters, counted) = (0, 0);
        foreach (var span in spans)
        {
            // From the previous statement on, so that a file is counted once.
            characters += Encoding.UTF8.GetCharCount(bytes, counted, span.Start - counted);
            counted = span.Start;
            var text = Encoding.UTF8.GetString(bytes, span.Start, span.Length).TrimEnd();
            if (text.Length > 0) yield return new MigrationStatement(text, characters, span.Line);
        }
    }

    private static DeepSightException Unclosed(SqlEnd end, byte[] bytes, string file)
    {
        var line = 1 + bytes.AsSpan(0, (int)end.Offset).Count((byte)'\n');
        return new DeepSightException(FailureKind.InvalidInput, $"{file}, line {line}: {end.What} begins here and never ends.",
            "Close it; everything behind it would be taken as part of it.");
    }
}

/// <summary>One statement of a migration file.</summary>
/// <param name="Text">Without its semicolon and without the comments around it.</param>
/// <param name="Offset">Of its first character in the file's text, in characters, from 0: an error's position in the statement
/// adds to it.</param>
/// <param name="Line">Of its first character, from 1.</param>
public sealed record MigrationStatement(string Text, int Offset, int Line);
