using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Drills;

/// <summary>How often backups are restored to see whether they can be. Where: <c>VERIFY_DATABASE_URL</c>.</summary>
public sealed class VerificationSettings
{
    [Setting("VERIFY_SCHEDULE", "When the newest backup is restored in a drill: six-field NCRONTAB in UTC. Default: 0 0 4 * * *.", Example = "0 0 4 * * *")]
    public string? Schedule { get; init; }

    /// <summary>What <c>VERIFY_SCHEDULE</c> says; else at four.</summary>
    public string EffectiveSchedule => Schedule ?? "0 0 4 * * *";

    [Setting("VERIFY_MAX_AGE_DAYS", "With drills on, health turns 503 when no backup was proven by one for longer than this.")]
    [Range(1, 3650)]
    public int MaxAgeDays { get; init; } = 7;
}
