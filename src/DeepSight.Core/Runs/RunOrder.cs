namespace DeepSight.Core.Runs;

/// <summary>The request that a run answers.</summary>
/// <param name="Id">Becomes the run's id.</param>
/// <param name="At">When the request was first taken up: its record has one name however often that happens.</param>
/// <param name="By">Who asked.</param>
public sealed record RunOrder(string Id, DateTimeOffset At, string By);
