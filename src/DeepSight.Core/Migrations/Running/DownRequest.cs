namespace DeepSight.Core.Migrations.Running;

/// <summary>What <c>migrate down</c> is asked to do.</summary>
/// <param name="Target"><c>-1</c>, a revision (which stays), <c>base</c>, <c>label@-1</c>…</param>
public sealed record DownRequest(string Target)
{
    /// <summary>Say what would be undone; touch nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>The operator knows that this is production.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Patterns of hosts that are production beside those that always are.</summary>
    public IReadOnlyList<string> ProductionHosts { get; init; } = [];

    /// <summary>Go on though applied files changed, were renamed or are gone.</summary>
    public bool AllowDrift { get; init; }
}
