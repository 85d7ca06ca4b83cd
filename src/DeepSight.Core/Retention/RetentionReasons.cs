using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;

namespace DeepSight.Core.Retention;

/// <summary>Why each backup stays, while the rules are being applied.</summary>
internal sealed class RetentionReasons
{
    /// <summary>Begins the reason of a backup that is kept for its age.</summary>
    public const string Within = "within ";

    private readonly Dictionary<BackupName, List<string>> guards = [];
    private readonly Dictionary<BackupName, List<string>> rules = [];

    /// <summary>It stays whatever the rules say.</summary>
    public void Guard(BackupEntry backup, string why) => Add(guards, backup, why);

    /// <summary>A rule names it.</summary>
    public void Name(BackupEntry backup, string why) => Add(rules, backup, why);

    public bool Keeps(BackupEntry backup) => guards.ContainsKey(backup.Name) || rules.ContainsKey(backup.Name);

    public bool IsNamed(BackupEntry backup) => rules.ContainsKey(backup.Name);

    public RetentionDecision Decide(BackupEntry backup, RetentionSettings settings) => Keeps(backup)
        ? new RetentionDecision(backup, true, [.. guards.GetValueOrDefault(backup.Name, []), .. rules.GetValueOrDefault(backup.Name, [])])
        : new RetentionDecision(backup, false, [backup.Name.IsPreRestore
            ? $"pre-restore, older than {RetentionPolicy.Days(settings.KeepPreRestoreDays)}"
            : $"older than {RetentionPolicy.Days(settings.KeepDays)}, and no other rule names it"]);

    private static void Add(Dictionary<BackupName, List<string>> to, BackupEntry backup, string why)
    {
        if (!to.TryGetValue(backup.Name, out var list)) to.Add(backup.Name, list = []);
        list.Add(why);
    }
}
