namespace DeepSight.Core.Postgres.Sql;

/// <summary>Says which way the statements go that a <see cref="SqlFilter"/> passes on. It is asked in the order of the input.</summary>
internal interface IStatementRouter
{
    /// <summary>One of at most <see cref="SqlFilterDecisions.LongestDrop"/> bytes.</summary>
    StatementRoute Route(in SqlStatement statement);

    /// <summary>A longer one, which goes along in any case, begins; whatever it is.</summary>
    StatementRoute Close();
}

/// <summary>Which way a statement goes.</summary>
[Flags]
internal enum StatementRoute
{
    /// <summary>To the filter's output.</summary>
    Along = 0,

    /// <summary>Not to the output: the router has kept it.</summary>
    Aside = 1,

    /// <summary>Before it comes a cut: <see cref="SqlFilter.TryTakeCut"/>.</summary>
    AfterCut = 2,
}
