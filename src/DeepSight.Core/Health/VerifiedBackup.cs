namespace DeepSight.Core.Health;

/// <summary>A backup that a drill has restored.</summary>
/// <param name="At">When the drill ended.</param>
/// <param name="RestoreSeconds">The time to restore that was measured.</param>
public sealed record VerifiedBackup(string Name, DateTimeOffset At, double RestoreSeconds);
