using System.Globalization;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Retention;

namespace DeepSight.Tests.Retention;

/// <summary>Backups written down in a line, and plans written out as tables.</summary>
internal static class Histories
{
    public static readonly Dictionary<BackupName, string> NoHolds = [];

    /// <summary><c>2026-03-31</c> is a good backup at 03:00 UTC; words after it say more: a time, old, verified, pinned, pre-restore.</summary>
    public static BackupEntry Backup(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var time = Array.Find(words, word => word.Contains(':')) ?? "03:00";
        return new BackupEntry(
            new BackupName("app", DateTimeOffset.Parse($"{words[0]}T{time}Z", CultureInfo.InvariantCulture), Compression.Gzip, words.Contains("pre-restore")),
            1_000, HasManifest: !words.Contains("old"), HasAccess: !words.Contains("old"), HasDrill: words.Contains("verified"), IsPinned: words.Contains("pinned"));
    }

    public static List<BackupEntry> Daily(string from, int days) =>
        [.. Enumerable.Range(0, days).Select(day => Backup(DateOnly.Parse(from, CultureInfo.InvariantCulture).AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))];

    public static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text + "Z", CultureInfo.InvariantCulture);

    /// <summary>One line a backup, newest first; runs of lines that are deleted for the same reason are drawn together.</summary>
    public static string Table(RetentionPlan plan)
    {
        var lines = new List<string>();
        var decisions = plan.Decisions.ToList();
        for (var i = 0; i < decisions.Count;)
        {
            var same = decisions.Skip(i).TakeWhile(next => Outcome(next) == Outcome(decisions[i])).Count();
            lines.Add(same < 3
                ? $"{Stamp(decisions[i])}  {Outcome(decisions[i])}"
                : $"{Stamp(decisions[i])}  {Outcome(decisions[i])}   (and {same - 1} more, to {Stamp(decisions[i + same - 1])})");
            i += same < 3 ? 1 : same;
        }

        return string.Join('\n', lines.Concat(plan.Warnings.Select(warning => "! " + warning)));
    }

    private static string Outcome(RetentionDecision decision) => $"{(decision.Keep ? "keep  " : "delete")}  {string.Join(", ", decision.Reasons)}";

    private static string Stamp(RetentionDecision decision) => decision.Backup.Name.Time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
