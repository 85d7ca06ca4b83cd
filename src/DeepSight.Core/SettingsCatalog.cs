using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Health;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;

namespace DeepSight.Core;

/// <summary>Every setting there is, read off the settings classes.</summary>
public static class SettingsCatalog
{
    /// <summary>What a compiler that trims must keep of a settings class.</summary>
    internal const DynamicallyAccessedMemberTypes Read = DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor;

    /// <summary>In the order of <see cref="DeepSightSettings"/>.</summary>
    public static IEnumerable<SettingDescription> All => Sections.SelectMany(section => section.Settings);

    /// <summary>The same by feature. Named one by one, so that a native build keeps what it finds by reflection.</summary>
    internal static IReadOnlyList<(string Name, IReadOnlyList<SettingDescription> Settings)> Sections { get; } =
    [
        (nameof(DeepSightSettings.Database), In<DatabaseSettings>()),
        (nameof(DeepSightSettings.Backup), In<BackupSettings>()),
        (nameof(DeepSightSettings.S3), In<S3Settings>()),
        (nameof(DeepSightSettings.Retention), In<RetentionSettings>()),
        (nameof(DeepSightSettings.Freshness), In<FreshnessSettings>()),
        (nameof(DeepSightSettings.Verification), In<VerificationSettings>()),
        (nameof(DeepSightSettings.Restore), In<RestoreSettings>()),
        (nameof(DeepSightSettings.Notifications), In<NotificationSettings>()),
        (nameof(DeepSightSettings.Migrations), In<MigrationSettings>()),
        (nameof(DeepSightSettings.Health), In<HealthSettings>()),
    ];

    internal static IReadOnlyList<SettingDescription> In<[DynamicallyAccessedMembers(Read)] T>() where T : new() => Described<T>.Settings;

    private static class Described<[DynamicallyAccessedMembers(Read)] T> where T : new()
    {
        public static readonly IReadOnlyList<SettingDescription> Settings = [.. Of(new T())];

        private static IEnumerable<SettingDescription> Of(T defaults) =>
            from property in typeof(T).GetProperties()
            let setting = property.GetCustomAttribute<SettingAttribute>()
            where setting is not null
            select new SettingDescription(setting.Name, setting.Meaning, setting.Secret, property.GetValue(defaults), property);
    }
}
