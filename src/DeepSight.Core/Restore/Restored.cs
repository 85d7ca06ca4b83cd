using DeepSight.Core.Dumps;

namespace DeepSight.Core.Restore;

/// <summary>What a mode of restore came to.</summary>
/// <param name="Summary">Of the dump that was loaded.</param>
/// <param name="Notes">What was left out or could not be granted.</param>
internal sealed record Restored(DumpSummary Summary, string Sha256, TimeSpan? Unavailable, IReadOnlyList<string> Notes, int ToleratedErrors = 0);
