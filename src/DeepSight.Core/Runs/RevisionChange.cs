namespace DeepSight.Core.Runs;

/// <summary>Where the schema stood before and after a migration; several heads are joined with a comma, null is the base.</summary>
/// <param name="Scripts">How many were run.</param>
public sealed record RevisionChange(string? Before, string? After, int Scripts);
