using DeepSight.Cli.Quickstart;
using DeepSight.Core.Retention;

namespace DeepSight.Cli.Objects;

/// <summary><c>quickstart</c>.</summary>
internal sealed record QuickstartJson(IReadOnlyList<QuickstartSteps.Step> Steps, string Backups, IReadOnlyList<QuickstartJson.Kept> Retention)
{
    public static QuickstartJson Of(QuickstartSteps steps, string backups, RetentionPlan plan) => new(steps.Done, backups,
        [.. plan.Decisions.Select(decision => new Kept(decision.Backup.Name.ToString(), decision.Keep, decision.Reasons))]);

    internal sealed record Kept(string Name, bool Keep, IReadOnlyList<string> Reasons);
}
