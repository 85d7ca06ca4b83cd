namespace DeepSight.Core.Restore;

/// <summary>How far a running restore is.</summary>
/// <param name="StoredBytes">Of the stored file, read so far in this phase.</param>
/// <param name="StoredTotal">Of the whole stored file; 0 in phases that read none.</param>
/// <param name="SqlBytes">Of SQL, read so far.</param>
/// <param name="Table">The table at hand, or null between tables.</param>
public readonly record struct RestoreProgress(RestorePhase Phase, long StoredBytes = 0, long StoredTotal = 0, long SqlBytes = 0, string? Table = null);
