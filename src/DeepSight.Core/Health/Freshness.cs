using System.Globalization;
using DeepSight.Core.Catalog;
using DeepSight.Core.Runs;

namespace DeepSight.Core.Health;

/// <summary>Judges the facts: a pure function of them, the limits and the time.</summary>
internal static class Freshness
{
    private const int Compared = 10;
    private const int FewestToCompare = 3;

    /// <param name="maxUnverifiedDays">Null where drills are off.</param>
    public static FreshnessReport Judge(FreshnessFacts facts, int maxAgeHours, int? maxUnverifiedDays, DateTimeOffset now)
    {
        var reasons = new List<string>(facts.Problems);
        var latest = facts.Good.Count > 0 ? Latest(facts, now) : null;
        if (latest is null) reasons.Add("there is no good backup");
        else if (now - latest.Time > TimeSpan.FromHours(maxAgeHours)) reasons.Add(Text($"the newest good backup is {latest.AgeHours:0.0} hours old; {maxAgeHours} are allowed"));

        // A failure is over with the next good backup, whoever made it; not with what it made itself, in one of two stores.
        if (IsFailure(facts.LastBackup) && !(latest?.Time > facts.LastBackup!.StartedAt && latest.Name != facts.LastBackup.Backup)) reasons.Add("the last backup failed");
        if (IsFailure(facts.LastDrill) && !(facts.Verified?.At > facts.LastDrill!.StartedAt)) reasons.Add("the last drill failed");
        if (maxUnverifiedDays is { } days && !(facts.Verified is { } verified && now - verified.At <= TimeSpan.FromDays(days)))
            reasons.Add(facts.Verified is null ? "no backup was proven by a drill" : Text($"no backup was proven by a drill for more than {days} days"));

        return new FreshnessReport
        {
            IsFresh = reasons.Count == 0,
            Reasons = reasons,
            LastSuccess = latest,
            MaxAgeHours = maxAgeHours,
            LastVerified = facts.Verified,
            LastFailure = facts.LastFailure is { } run ? new FreshnessReport.FailedRun(run.Id, run.Job, run.Status, run.StartedAt) : null,
            PoisonMessages = facts.PoisonMessages,
        };
    }

    public static bool IsFailure(RunRecord? run) => run?.Status is RunStatus.Failed or RunStatus.Lost;

    private static FreshnessReport.LatestBackup Latest(FreshnessFacts facts, DateTimeOffset now)
    {
        var (name, time, bytes) = facts.Good[0];
        var before = facts.Good.Skip(1).Take(Compared).Select(backup => backup.StoredBytes).Order().ToList();
        long? median = before.Count < FewestToCompare ? null : (before[(before.Count - 1) / 2] + before[before.Count / 2]) / 2;
        return new FreshnessReport.LatestBackup(name, time, Math.Round((now - time).TotalHours, 2), bytes, median, IsSuspicious: bytes * 2 < median);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What the stores and the queue say about the backups, at one moment.</summary>
/// <param name="Good">Time and stored bytes of the good backups, newest first, without pre-restore ones and dates in the future.</param>
/// <param name="Verified">The newest that a drill has proven.</param>
/// <param name="LastBackup">The newest backup run that ended, well or not.</param>
/// <param name="LastDrill">The newest drill that ended, well or not.</param>
/// <param name="LastFailure">The newest run of any job that failed or was lost.</param>
/// <param name="PoisonMessages">Restore requests that failed as often as they may; null when the queue can't be asked.</param>
/// <param name="Problems">What could not be read, without names.</param>
internal sealed record FreshnessFacts(
    IReadOnlyList<(string Name, DateTimeOffset Time, long StoredBytes)> Good,
    VerifiedBackup? Verified,
    RunRecord? LastBackup,
    RunRecord? LastDrill,
    RunRecord? LastFailure,
    int? PoisonMessages,
    IReadOnlyList<string> Problems)
{
    /// <summary>The newest good backup with its places; null when there is none.</summary>
    public StoredBackup? Newest { get; init; }

    /// <summary>What each store holds.</summary>
    public IReadOnlyList<StoreListing> Listings { get; init; } = [];

    /// <summary>The last run of each job that ended.</summary>
    public IReadOnlyList<RunRecord> LastRuns { get; init; } = [];

    /// <summary>How many runs of backups of each day (UTC) have a record.</summary>
    public IReadOnlyDictionary<DateOnly, int> BackupRuns { get; init; } = new Dictionary<DateOnly, int>();
}
