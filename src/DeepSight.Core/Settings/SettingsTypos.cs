namespace DeepSight.Core.Settings;

/// <summary>Warns about names that carry one of our prefixes but are not a setting: nearly always a typo.</summary>
internal static class SettingsTypos
{
    private static readonly string[] Prefixes = ["BACKUP_", "RESTORE_", "RETENTION_", "MIGRATIONS_", "VERIFY_", "HEALTH_", "NOTIFY_"];

    public static IEnumerable<string> In(SettingsSource source, IReadOnlySet<string> known)
    {
        return
            from name in source.Names
            where Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && !known.Contains(name)
            orderby name
            select EditDistance.Nearest(name, known) is { } nearest
                ? $"{name} is not a setting; did you mean {nearest}?"
                : $"{name} is not a setting.";
    }
}
