namespace DeepSight.Core.Runs;

/// <summary>What <c>runs --json</c> prints and <c>GET runs</c> answers.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="Failures">A line for each store that could not be asked.</param>
public sealed record RunPage(IReadOnlyList<RunRecord> Runs, IReadOnlyList<string> Failures);
