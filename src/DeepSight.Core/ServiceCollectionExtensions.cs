using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Health;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Migrations.Importing;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Requests;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Loading;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DeepSight.Core;

/// <summary>The one place where the jobs are put together, for the command and both hosts.</summary>
public static class ServiceCollectionExtensions
{
    public static IServiceCollection AddDeepSight(this IServiceCollection services, DeepSightSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(settings)
            .AddSingleton(new SettingsErrors(settings.Errors))
            .AddSingleton(settings.Database)
            .AddSingleton(settings.Backup)
            .AddSingleton(settings.S3)
            .AddSingleton(settings.Azure)
            .AddSingleton(settings.Retention)
            .AddSingleton(settings.Freshness)
            .AddSingleton(settings.Verification)
            .AddSingleton(settings.Health)
            .AddSingleton(settings.Restore)
            .AddSingleton(settings.Migrations)
            .AddSingleton<PostgresClients>()
            .AddSingleton<BackupStores>()
            .AddSingleton(settings.Notifications)
            .AddSingleton<OtlpExport>()
            .AddSingleton<IRunObserver, JobTelemetry>()
            .AddSingleton<IRunObserver, Notifier>()
            .AddSingleton<RunJournal>()
            .AddSingleton<RunHistory>()
            .AddSingleton<BackupJob>()
            .AddSingleton<BackupDownload>()
            .AddSingleton<BackupCopy>()
            .AddSingleton<BackupReseal>()
            .AddSingleton<ScheduledBackup>()
            .AddSingleton<RetentionJob>()
            .AddSingleton<DrillJob>()
            .AddSingleton<HealthCheck>()
            .AddSingleton<FreshnessCheck>()
            .AddSingleton<DumpLoader>()
            .AddSingleton<RestoreRequests>()
            .AddSingleton<RestoreSources>()
            .AddSingleton<RestoreJob>()
            .AddSingleton<UndoJob>()
            .AddSingleton<RestoreMessageHandler>()
            .AddSingleton<JobRequests>()
            .AddSingleton<JobMessageHandler>()
            .AddSingleton<OverviewCheck>()
            .AddSingleton<MetricsCheck>()
            .AddSingleton<MigrationRunner>()
            .AddSingleton<MigrationStamp>()
            .AddSingleton<Autogeneration>()
            .AddSingleton<AlembicImport>()
            .AddSingleton<MigrationJob>()
            .AddSingleton<AutomaticMigrationJob>();
    }
}
