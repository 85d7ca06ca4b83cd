using DeepSight.Core.Migrations.Linting;

namespace DeepSight.Cli.Objects;

/// <summary><c>migrate lint</c>.</summary>
internal sealed record FindingsJson(IReadOnlyList<FindingsJson.Finding> Findings)
{
    public static FindingsJson Of(IEnumerable<LintFinding> findings) => new(
        [.. findings.Select(finding => new Finding(finding.File, finding.Line, finding.Rule.Name, finding.What, finding.Rule.Why, finding.Rule.SafeWay))]);

    internal sealed record Finding(string File, int Line, string Rule, string What, string Why, string SafeWay);
}
