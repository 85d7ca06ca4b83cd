namespace DeepSight.Core.Migrations.Running;

/// <summary>What <c>migrate down</c> is asked to do.</summary>
/// <param name="Target"><c>-1</c>, a revision (which stays), <c>base</c>, <c>label@-1</c>…</param>
public sealed record DownRequest(string Target)
{
    /// <summary>Say what would be undone; touch nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Go on though applied files changed, were renamed or are gone.</summary>
    public bool AllowDrift { get; init; }
}
