using DeepSight.Core.Settings;

namespace DeepSight.Core;

/// <summary>
/// What follows from the settings for whoever runs the schedules: their names stand in the functions' triggers, and a host resolves
/// them before any code of the app runs. On Azure the infrastructure sets the same.
/// </summary>
public static class HostSettings
{
    /// <summary>The three schedules, and that Verify is off without a server for drills.</summary>
    /// <param name="setting">The value of a setting by its name, or null.</param>
    public static IEnumerable<KeyValuePair<string, string?>> Computed(Func<string, string?> setting)
    {
        var settings = DeepSightSettings.Load(new SettingsSource().Add(SettingsCatalog.All.Select(one => KeyValuePair.Create(one.Name, setting(one.Name))), "configuration"));
        yield return new("BACKUP_SCHEDULE", settings.Backup.EffectiveSchedule);
        yield return new("RETENTION_SCHEDULE", settings.Retention.EffectiveSchedule);
        yield return new("VERIFY_SCHEDULE", settings.Verification.EffectiveSchedule);
        if (settings.Database.VerifyUrl is not null || setting("AzureWebJobs.Verify.Disabled") is not null) yield break;

        yield return new("AzureWebJobs.Verify.Disabled", "true");
        yield return new("AzureWebJobs.Verify.DisabledBecause", "VERIFY_DATABASE_URL is not set");
    }
}
