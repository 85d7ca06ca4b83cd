namespace DeepSight.Core.Postgres.Sql;

/// <summary>Where the input ended.</summary>
/// <param name="Offset">Of what is unfinished: the statement, quote, comment or COPY statement, in bytes from the start.</param>
/// <param name="Line">Of the statement that is unfinished, from 1.</param>
internal readonly record struct SqlEnd(SqlEndKind Kind, long Offset, long Line)
{
    public bool IsClean => Kind == SqlEndKind.Clean;

    /// <summary>For people, to follow "ends inside": <c>a COPY's data</c>.</summary>
    public string What => Kind switch
    {
        SqlEndKind.Clean => "nothing",
        SqlEndKind.Statement => "a statement",
        SqlEndKind.String => "a quoted string",
        SqlEndKind.QuotedIdentifier => "a quoted identifier",
        SqlEndKind.DollarQuote => "a dollar-quoted string",
        SqlEndKind.Comment => "a comment",
        _ => "a COPY's data",
    };
}

/// <summary>What the input ended in the middle of.</summary>
internal enum SqlEndKind
{
    /// <summary>Nothing: the last statement ended with its semicolon, the last COPY with its terminator.</summary>
    Clean,

    /// <summary>A statement without its semicolon, which psql would execute all the same.</summary>
    Statement,
    String,
    QuotedIdentifier,
    DollarQuote,

    /// <summary>A <c>/* */</c> comment.</summary>
    Comment,

    /// <summary>COPY data without its terminator, or with a terminator without its line end.</summary>
    CopyData,
}
