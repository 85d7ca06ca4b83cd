using DeepSight.Core.Runs;

namespace DeepSight.Core.Health;

/// <summary>What <c>GET /api/health/backup</c> answers: whether there is a backup to rely on. Anyone may ask: no errors, hosts or paths.</summary>
public sealed record FreshnessReport
{
    /// <summary>False is 503.</summary>
    public required bool IsFresh { get; init; }

    /// <summary>Why it isn't; empty when it is.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>The newest good backup; null when there is none.</summary>
    public required LatestBackup? LastSuccess { get; init; }

    public required int MaxAgeHours { get; init; }

    public required VerifiedBackup? LastVerified { get; init; }

    public required FailedRun? LastFailure { get; init; }

    /// <summary>Restore requests that failed for good and wait for a person; null when the queue can't be asked.</summary>
    public required int? PoisonMessages { get; init; }

    /// <summary>The newest good backup.</summary>
    /// <param name="Time">As its name says.</param>
    /// <param name="MedianBytes">Of the ten before it; null when there are fewer than three.</param>
    /// <param name="IsSuspicious">Less than half of that: did something vanish?</param>
    public sealed record LatestBackup(string Name, DateTimeOffset Time, double AgeHours, long StoredBytes, long? MedianBytes, bool IsSuspicious);

    /// <summary>A run that failed; `deepsight runs ID` says why.</summary>
    public sealed record FailedRun(string Id, string Job, RunStatus Status, DateTimeOffset StartedAt);
}

/// <summary>A backup that a drill has restored.</summary>
/// <param name="At">When the drill ended.</param>
/// <param name="RestoreSeconds">The time to restore that was measured.</param>
public sealed record VerifiedBackup(string Name, DateTimeOffset At, double RestoreSeconds);
