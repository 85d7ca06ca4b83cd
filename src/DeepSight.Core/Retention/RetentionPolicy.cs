using System.Globalization;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;

namespace DeepSight.Core.Retention;

/// <summary>
/// A pure function of the backups, the time and the rules. It reads nothing: a backup with a manifest is good, one without is
/// the old tool's. Whatever the rules say, these stay: the last good and the last verified one, the newest of the old tool's
/// while no newer good one exists, what is pinned or held, and what is dated in the future.
/// </summary>
public static class RetentionPolicy
{
    /// <param name="backups">Of one store and one stem, in any order.</param>
    /// <param name="holds">Backups that can't go now, each with why: the source of a running restore, a locked object.</param>
    public static RetentionPlan Decide(
        IEnumerable<BackupEntry> backups, IReadOnlyDictionary<BackupName, string> holds, RetentionSettings rules, DateTimeOffset now)
    {
        var all = backups.OrderByDescending(backup => backup.Name.Time).ThenBy(backup => backup.Name.ToString(), StringComparer.Ordinal).ToList();
        var reasons = new RetentionReasons();
        var warnings = new List<string>();

        // A wrong clock made them, or makes us think so: they neither count nor die.
        foreach (var future in all.Where(backup => backup.Name.Time > now))
        {
            reasons.Guard(future, "dated in the future");
            warnings.Add($"{future.Name} is dated in the future: kept, and it counts for no rule. Was a clock wrong?");
        }

        var regular = all.Where(backup => backup.Name.Time <= now && !backup.Name.IsPreRestore).ToList();
        var preRestore = all.Where(backup => backup.Name.Time <= now && backup.Name.IsPreRestore).ToList();
        GuardTheLast(regular, reasons);
        foreach (var backup in all)
        {
            if (backup.IsPinned) reasons.Guard(backup, "pinned");
            if (holds.TryGetValue(backup.Name, out var why)) reasons.Guard(backup, why);
        }

        // Counted back from the newest good one: when backups stop, retention stops as well.
        var newest = regular.Find(backup => backup.IsGood) ?? regular.Find(MayBeGood) ?? preRestore.FirstOrDefault();
        if (newest is not null)
        {
            KeepYoung(regular, newest.Name.Time, rules.KeepDays, "", reasons);
            KeepYoung(preRestore, newest.Name.Time, rules.KeepPreRestoreDays, "pre-restore, ", reasons);
            if (now - newest.Name.Time > TimeSpan.FromDays(2))
                warnings.Add(string.Create(CultureInfo.InvariantCulture,
                    $"The newest good backup is {(now - newest.Name.Time).TotalDays:N0} days old: ages count back from {newest.Name.Time:yyyy-MM-dd}, not from today."));
        }

        KeepLast(regular, rules.KeepLast, reasons);
        KeepPeriods(regular, rules.KeepDaily, "daily", time => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), reasons);
        KeepPeriods(regular, rules.KeepWeekly, "weekly", time => $"{ISOWeek.GetYear(time):0000}-W{ISOWeek.GetWeekOfYear(time):00}", reasons);
        KeepPeriods(regular, rules.KeepMonthly, "monthly", time => time.ToString("yyyy-MM", CultureInfo.InvariantCulture), reasons);
        KeepPeriods(regular, rules.KeepYearly, "yearly", time => time.ToString("yyyy", CultureInfo.InvariantCulture), reasons);

        return new RetentionPlan([.. all.Select(backup => reasons.Decide(backup, rules))], warnings, LeavesTooFew(regular, reasons));
    }

    private static void GuardTheLast(List<BackupEntry> regular, RetentionReasons reasons)
    {
        var lastGood = regular.Find(backup => backup.IsGood);
        if (lastGood is not null) reasons.Guard(lastGood, "last good");
        if (regular.Find(MayBeGood) is { IsGood: false } newest) reasons.Guard(newest, "newest of the old tool's");
        if (regular.Find(backup => backup is { HasDrill: true, StoredBytes: > 0 }) is { } lastVerified) reasons.Guard(lastVerified, "last verified");
    }

    /// <summary>Without a manifest only its size tells: an empty file is what a tool leaves that failed.</summary>
    private static bool MayBeGood(BackupEntry backup) => backup.StoredBytes > 0;

    /// <summary>Good ones first, then what may be, then what can't.</summary>
    private static int Worth(BackupEntry backup) => backup.IsGood ? 2 : MayBeGood(backup) ? 1 : 0;

    private static void KeepYoung(List<BackupEntry> backups, DateTimeOffset from, int days, string kind, RetentionReasons reasons)
    {
        foreach (var backup in backups.Where(backup => from - backup.Name.Time <= TimeSpan.FromDays(days)))
            reasons.Name(backup, $"{kind}{RetentionReasons.Within}{Days(days)}");
    }

    /// <summary>Good ones first: failures and doubtful files must not push out what restores.</summary>
    private static void KeepLast(List<BackupEntry> regular, int count, RetentionReasons reasons)
    {
        foreach (var backup in regular.OrderByDescending(Worth).Take(count))
            reasons.Name(backup, count == 1 ? "the last one" : $"one of the last {count}");
    }

    /// <summary>The newest of each period that has one, a good one where there is any.</summary>
    private static void KeepPeriods(List<BackupEntry> regular, int count, string rule, Func<DateTime, string> period, RetentionReasons reasons)
    {
        if (count == 0) return;
        // A day of empty files is no day that has one.
        foreach (var same in regular.Where(MayBeGood).GroupBy(backup => period(backup.Name.Time.UtcDateTime)).Take(count))
            reasons.Name(same.OrderByDescending(Worth).First(), $"{rule} {same.Key}");
    }

    private static bool LeavesTooFew(List<BackupEntry> regular, RetentionReasons reasons)
    {
        var deleted = regular.Count(backup => !reasons.Keeps(backup));
        var named = regular.Count(reasons.IsNamed);
        return deleted >= 4 && (named <= 1 || deleted > 9 * named);
    }

    internal static string Days(int days) => days == 1 ? "1 day" : string.Create(CultureInfo.InvariantCulture, $"{days:N0} days");
}
