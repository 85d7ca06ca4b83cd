namespace DeepSight.Core.Postgres.Sql;

internal enum SqlTokenKind
{
    End,

    /// <summary>A keyword, an unquoted identifier or a number.</summary>
    Word,
    QuotedIdentifier,
    String,

    /// <summary>One punctuation mark.</summary>
    Symbol,
}
