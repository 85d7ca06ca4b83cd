namespace DeepSight.Core.Health;

/// <summary>What <c>GET overview</c> answers: what is known of the guarded database without connecting to it.</summary>
public sealed record Overview
{
    /// <summary>By the app's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Of the app.</summary>
    public required string Version { get; init; }

    /// <summary>As <c>app on db.internal:5432</c>; null when none is configured.</summary>
    public required string? Database { get; init; }

    /// <summary>The pattern of production hosts that the database matches; null when it is none.</summary>
    public required string? Production { get; init; }

    /// <summary>As <c>GET health/backup</c> answers, of this moment.</summary>
    public required FreshnessReport Freshness { get; init; }

    public required IReadOnlyList<ScheduledJob> Schedules { get; init; }

    /// <summary>Null when the queues' storage can't be asked.</summary>
    public required IReadOnlyList<QueueDepth>? Queues { get; init; }

    /// <summary>Whether backups can be verified here: VERIFY_DATABASE_URL is set.</summary>
    public required bool CanVerify { get; init; }

    public required IReadOnlyList<StoreOverview> Stores { get; init; }

    /// <summary>Days (UTC) of the last year, oldest first; those of which nothing is known are left out.</summary>
    public required IReadOnlyList<BackupDay> Days { get; init; }

    /// <summary>For how many days every backup is kept: what is missing on an older day may have been deleted.</summary>
    public required int KeepDays { get; init; }
}

/// <summary>A job that a timer runs.</summary>
/// <param name="Schedule">NCRONTAB in UTC.</param>
/// <param name="Next">Null when it is off, or the schedule can't be read.</param>
/// <param name="Off">Why it does not run; null when it does.</param>
public sealed record ScheduledJob(string Job, string Schedule, DateTimeOffset? Next, string? Off);

/// <summary>About how many messages a queue holds, and how many of its messages were given up.</summary>
public sealed record QueueDepth(string Name, int Waiting, int Poison);

/// <summary>What one store holds.</summary>
/// <param name="Error">Why it can't be listed; null when it can.</param>
/// <param name="Backups">How many, old tool's and pre-restore ones included.</param>
/// <param name="StoredBytes">Of all of them.</param>
/// <param name="Newest">The newest good one that was not taken before a restore.</param>
/// <param name="Lacks">Good backups, newest first, that another store holds and this one doesn't; the first twenty.</param>
/// <param name="LacksCount">How many there are of those.</param>
/// <param name="FreeBytes">What fits into it still; null where nothing limits it, or that can't be told.</param>
public sealed record StoreOverview(
    string Kind, string Location, string? Error, int Backups, long StoredBytes, string? Newest, IReadOnlyList<string> Lacks, int LacksCount, long? FreeBytes);

/// <summary>What is known of one day's backups, pre-restore ones aside.</summary>
/// <param name="Good">How many whole ones there are.</param>
/// <param name="Proven">How many of them a drill has restored.</param>
/// <param name="Runs">How many runs of backups have a record.</param>
/// <param name="StoredBytes">Of the newest good one; null without any.</param>
public sealed record BackupDay(DateOnly Date, int Good, int Proven, int Runs, long? StoredBytes);
