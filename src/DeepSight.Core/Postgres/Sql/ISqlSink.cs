namespace DeepSight.Core.Postgres.Sql;

/// <summary>
/// What a <see cref="SqlScanner"/> reports, in the order of the input. Spans are valid during the call only; a text is handed
/// over in parts where it crosses chunks, so the parts' borders mean nothing and their concatenation everything.
/// A sink that wants bytes untouched uses offsets: every byte belongs to exactly one event. It implements what it needs.
/// </summary>
internal interface ISqlSink
{
    /// <summary>Part of what lies between statements: white space, line ends, <c>/* */</c> comments.</summary>
    void OnBlank(ReadOnlySpan<byte> text)
    {
    }

    /// <summary>
    /// Part of a <c>--</c> comment between statements, without its line end; <paramref name="last"/> may come with an empty
    /// part.
    /// </summary>
    void OnComment(ReadOnlySpan<byte> text, bool last)
    {
    }

    /// <summary>Part of a top-level statement, the semicolon included. Meta-commands inside it are left out.</summary>
    void OnStatementText(ReadOnlySpan<byte> text)
    {
    }

    /// <summary>A statement has ended; its text has been handed over.</summary>
    void OnStatement(in SqlStatement statement)
    {
    }

    /// <summary>A psql meta-command, from its backslash to the end of the line, which is not included.</summary>
    void OnMetaCommand(in SqlStatement command)
    {
    }

    /// <summary>One row of COPY data with its line feed, where it lies in one chunk: the hot path.</summary>
    void OnCopyRow(ReadOnlySpan<byte> row)
    {
    }

    /// <summary>Part of a row that crosses chunks; the <paramref name="last"/> one ends with the row's line feed.</summary>
    void OnCopyRowPart(ReadOnlySpan<byte> part, bool last)
    {
    }

    /// <summary>The line <c>\.</c> has ended the data of the latest COPY statement.</summary>
    void OnCopyEnd()
    {
    }
}
