using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Health;

/// <summary>When backups count as too old.</summary>
public sealed class FreshnessSettings
{
    [Setting("BACKUP_MAX_AGE_HOURS", "Health turns 503 when the newest good backup is older than this.")]
    [Range(1, 87_600)]
    public int MaxAgeHours { get; init; } = 26;
}
