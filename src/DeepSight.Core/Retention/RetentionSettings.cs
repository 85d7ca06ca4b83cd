using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Retention;

/// <summary>What is kept. A backup stays as long as any one of the rules names it.</summary>
public sealed class RetentionSettings
{
    private const int MostDays = 36_500;

    [Setting("BACKUP_RETENTION_DAYS", "Days for which every backup is kept, counted back from the newest good one.")]
    [Range(1, MostDays)]
    public int KeepDays { get; init; } = 30;

    [Setting("BACKUP_KEEP_LAST", "How many of the newest good backups are kept, however old.")]
    [Range(1, 1_000_000)]
    public int KeepLast { get; init; } = 1;

    [Setting("BACKUP_KEEP_DAILY", "Of how many days (UTC, those that have one) the newest backup is kept.")]
    [Range(0, MostDays)]
    public int KeepDaily { get; init; }

    [Setting("BACKUP_KEEP_WEEKLY", "Of how many weeks (from Monday, UTC) the newest backup is kept.")]
    [Range(0, MostDays)]
    public int KeepWeekly { get; init; }

    [Setting("BACKUP_KEEP_MONTHLY", "Of how many months the newest backup is kept.")]
    [Range(0, MostDays)]
    public int KeepMonthly { get; init; }

    [Setting("BACKUP_KEEP_YEARLY", "Of how many years the newest backup is kept.")]
    [Range(0, MostDays)]
    public int KeepYearly { get; init; }

    [Setting("BACKUP_PRE_RESTORE_DAYS", "Days for which backups taken before a restore are kept.")]
    [Range(1, MostDays)]
    public int KeepPreRestoreDays { get; init; } = 30;

    [Setting("RETENTION_SCHEDULE", "When retention runs: six-field NCRONTAB in UTC. Default: 0 30 3 * * *.", Example = "0 30 3 * * *")]
    public string? Schedule { get; init; }

    /// <summary>What <c>RETENTION_SCHEDULE</c> says; else half past three.</summary>
    public string EffectiveSchedule => Schedule ?? "0 30 3 * * *";
}
