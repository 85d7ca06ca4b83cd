namespace DeepSight.Core.Migrations.Linting;

/// <summary>A rule about migrations: what it finds, why that hurts and what to do instead.</summary>
/// <param name="Name">As in <c>-- lint: allow NAME</c>.</param>
/// <param name="SafeWay">What to write instead.</param>
public sealed record LintRule(string Name, string Why, string SafeWay)
{
    /// <summary>A run would refuse it: accepting it changes nothing.</summary>
    public bool IsError { get; init; }
}
