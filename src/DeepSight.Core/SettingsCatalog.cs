using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Health;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Core.Retention;
using DeepSight.Core.Settings;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;

namespace DeepSight.Core;

/// <summary>Every setting there is, read off the settings classes.</summary>
public static class SettingsCatalog
{
    /// <summary>In the order of <see cref="DeepSightSettings"/>.</summary>
    public static IEnumerable<SettingDescription> All => Sections.SelectMany(section => section.Settings);

    /// <summary>The same by feature. Named one by one, so that a native build keeps what it finds by reflection.</summary>
    internal static IReadOnlyList<(string Name, IReadOnlyList<SettingDescription> Settings)> Sections { get; } =
    [
        (nameof(DeepSightSettings.Database), SettingDescription.In<DatabaseSettings>()),
        (nameof(DeepSightSettings.Backup), SettingDescription.In<BackupSettings>()),
        (nameof(DeepSightSettings.S3), SettingDescription.In<S3Settings>()),
        (nameof(DeepSightSettings.Azure), SettingDescription.In<AzureSettings>()),
        (nameof(DeepSightSettings.Retention), SettingDescription.In<RetentionSettings>()),
        (nameof(DeepSightSettings.Freshness), SettingDescription.In<FreshnessSettings>()),
        (nameof(DeepSightSettings.Verification), SettingDescription.In<VerificationSettings>()),
        (nameof(DeepSightSettings.Restore), SettingDescription.In<RestoreSettings>()),
        (nameof(DeepSightSettings.Notifications), SettingDescription.In<NotificationSettings>()),
        (nameof(DeepSightSettings.Migrations), SettingDescription.In<MigrationSettings>()),
        (nameof(DeepSightSettings.Health), SettingDescription.In<HealthSettings>()),
    ];
}
