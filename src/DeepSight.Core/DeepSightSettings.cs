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

/// <summary>All settings of one process, one class a feature.</summary>
public sealed class DeepSightSettings
{
    public DatabaseSettings Database { get; private init; } = new();

    public BackupSettings Backup { get; private init; } = new();

    public S3Settings S3 { get; private init; } = new();

    public AzureSettings Azure { get; private init; } = new();

    public RetentionSettings Retention { get; private init; } = new();

    public FreshnessSettings Freshness { get; private init; } = new();

    public VerificationSettings Verification { get; private init; } = new();

    public RestoreSettings Restore { get; private init; } = new();

    public NotificationSettings Notifications { get; private init; } = new();

    public MigrationSettings Migrations { get; private init; } = new();

    public HealthSettings Health { get; private init; } = new();

    /// <summary>Every error, each naming its setting, its value (masked where secret) and what is allowed. Empty when valid.</summary>
    public IReadOnlyList<string> Errors { get; private init; } = [];

    /// <summary>Names that look like ours but are not known, each with the nearest known one; and doubtful values.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>Never throws for a wrong value: a host must start and say what is wrong. See <see cref="ThrowIfInvalid"/>.</summary>
    public static DeepSightSettings Load(SettingsSource source)
    {
        var errors = new List<string>();
        var binder = new SettingsBinder(source, errors);
        var database = binder.Bind<DatabaseSettings>();
        var backup = binder.Bind<BackupSettings>();
        var s3 = binder.Bind<S3Settings>();
        var azure = binder.Bind<AzureSettings>();
        var retention = binder.Bind<RetentionSettings>();
        var freshness = binder.Bind<FreshnessSettings>();
        var verification = binder.Bind<VerificationSettings>();
        var restore = binder.Bind<RestoreSettings>();
        var notifications = binder.Bind<NotificationSettings>();
        var migrations = binder.Bind<MigrationSettings>();
        var health = binder.Bind<HealthSettings>();
        errors.AddRange(database.Validate());
        errors.AddRange(backup.Validate());
        errors.AddRange(s3.Validate());
        errors.AddRange(azure.Validate());
        if ((backup.Store == BackupStoreChoice.Azure || backup.StoreChoices.Contains(BackupStoreChoice.Azure)) && !azure.IsConfigured)
            errors.Add($"BACKUP_STORE{(backup.Stores.Count > 0 ? "S has" : " is")} azure, and neither BACKUP_AZURE_ACCOUNT nor BACKUP_AZURE_CONNECTION is set.");
        errors.AddRange(notifications.Validate());
        errors.AddRange(migrations.Validate());

        return new DeepSightSettings
        {
            Database = database,
            Backup = backup,
            S3 = s3,
            Azure = azure,
            Retention = retention,
            Freshness = freshness,
            Verification = verification,
            Restore = restore,
            Notifications = notifications,
            Migrations = migrations,
            Health = health,
            Errors = errors,
            Warnings = [.. SettingsTypos.In(source, SettingsCatalog.All.Select(setting => setting.Name).ToHashSet(StringComparer.Ordinal)), .. UnreadableSchedules(backup, retention, verification)],
        };
    }

    /// <summary>A warning each: the host runs all but that function, and a command needs none.</summary>
    public static IEnumerable<string> UnreadableSchedules(BackupSettings backup, RetentionSettings retention, VerificationSettings verification) =>
        new[] { ("BACKUP_SCHEDULE", backup.Schedule), ("RETENTION_SCHEDULE", retention.Schedule), ("VERIFY_SCHEDULE", verification.Schedule) }
            .Where(schedule => schedule.Item2 is not null)
            .Select(schedule => ScheduleText.Problem(schedule.Item1, schedule.Item2!, TimeProvider.System.GetUtcNow().UtcDateTime)).OfType<string>();

    /// <inheritdoc cref="SettingsErrors.ThrowIfAny"/>
    public DeepSightSettings ThrowIfInvalid()
    {
        new SettingsErrors(Errors).ThrowIfAny();
        return this;
    }
}
