namespace DeepSight.Core.Postgres.Sql;

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
