namespace DeepSight.Core.Postgres.Sql;

/// <summary>A top-level statement, or a psql meta-command, that the scanner has read to its end.</summary>
internal readonly ref struct SqlStatement
{
    /// <summary>
    /// The text from its first byte, up to <see cref="SqlScanner.HeadLimit"/> bytes: all of it, save for giants (an INSERT of
    /// a large value), of which a reader needs the beginning only.
    /// </summary>
    public required ReadOnlySpan<byte> Head { get; init; }

    /// <summary>Of the first byte, counted from the start of the input.</summary>
    public required long Offset { get; init; }

    /// <summary>In bytes, from the first to the last, with whatever lies between.</summary>
    public required long Length { get; init; }

    /// <summary>Of the first byte, from 1. COPY rows count as lines.</summary>
    public required long Line { get; init; }

    /// <summary>It is a meta-command in the middle of a statement, which goes on behind it.</summary>
    public bool IsWithinStatement { get; init; }

    /// <summary>It is a <c>COPY … FROM stdin</c>: its data follows.</summary>
    public bool IsCopyFromStdin { get; init; }

    /// <summary>It is a <c>COPY … TO stdout</c>: its rows go to the client.</summary>
    public bool IsCopyToStdout { get; init; }

    /// <summary>It is an INSERT of literal values: no query, no call.</summary>
    public bool IsLiteralInsert { get; init; }

    /// <summary>False after <c>SET standard_conforming_strings = off</c>.</summary>
    public bool StandardStrings { get; init; }

    /// <summary>Its tokens, read as it was.</summary>
    public SqlTokens Tokens => new(Head, StandardStrings);

    /// <summary>It ended with a semicolon, not with the input.</summary>
    public bool IsTerminated { get; init; }

    /// <summary>Nothing was cut from it and no meta-command stands in it.</summary>
    public bool IsWhole => IsTerminated && Length == Head.Length;

    /// <summary>psql by itself would take what follows as part of it: of a routine with a name such as <c>begin</c> in its SQL.</summary>
    public bool GoesOnForPsql { get; init; }

    /// <summary>psql would end it too early: of a routine with a name such as <c>x.end</c> in its SQL.</summary>
    public bool IsCutByPsql { get; init; }
}
