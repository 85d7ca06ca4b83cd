namespace DeepSight.Core.Postgres.Sql;

/// <summary>Says of each statement that a <see cref="SqlFilter"/> passes on which way it goes, in the order of the input.</summary>
internal delegate StatementRoute StatementRouter(in SqlStatement statement);

/// <summary>Which way a statement goes. One of more than <see cref="SqlFilterDecisions.LongestDrop"/> bytes goes along in any case.</summary>
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
