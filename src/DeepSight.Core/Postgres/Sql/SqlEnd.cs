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
