namespace DeepSight.Core.Settings;

/// <summary>Warns about names that carry one of our prefixes but are not a setting: nearly always a typo.</summary>
internal static class SettingsTypos
{
    private static readonly string[] Prefixes = ["BACKUP_", "RESTORE_", "RETENTION_", "MIGRATIONS_", "VERIFY_", "HEALTH_", "NOTIFY_"];

    public static IEnumerable<string> In(SettingsSource source)
    {
        var known = SettingsCatalog.All.Select(setting => setting.Name).ToHashSet(StringComparer.Ordinal);
        return
            from name in source.Names
            where Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && !known.Contains(name)
            let nearest = known.MinBy(candidate => Distance(name, candidate))!
            orderby name
            select Distance(name, nearest) <= name.Length / 3
                ? $"{name} is not a setting; did you mean {nearest}?"
                : $"{name} is not a setting.";
    }

    /// <summary>Levenshtein's distance: insertions, deletions and substitutions that turn one name into the other.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
