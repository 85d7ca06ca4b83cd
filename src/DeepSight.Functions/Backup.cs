using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Settings;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace DeepSight.Functions;

/// <summary>The scheduled backup. A backup now is <c>POST /admin/functions/Backup</c>.</summary>
public sealed class Backup(DeepSightSettings settings, BackupStores stores, BackupJob job, AutomaticMigrationJob migration, ILogger<Backup> logger)
{
    /// <summary>The host counts a failed timer as run and would wait a day: it is tried again by our own policy.</summary>
    [Function("Backup")]
    [FixedDelayRetry(3, "00:10:00")]
    public async Task RunAsync([TimerTrigger("%BACKUP_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        var database = settings.ThrowIfInvalid().Database.ForJobs();
        var request = new BackupRequest(database, BackupKind.Scheduled, stores.ForSchedule(), "timer");
        (await job.RunAsync(request, progress: null, cancellationToken)).ThrowIfIncomplete();
        await MigrateAsync(cancellationToken);
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await migration.RunAsync(settings.Database.ForJobs(), AutoMigration.AfterBackup, "timer", cancellationToken);
        }
        catch (DeepSightException e)
        {
            // The backup is good. Failing here would only have it made three times more; the run record says what became of the migration.
            logger.LogError("The pending migrations were not applied: {Reason} {Hint}", e.Message, e.Hint);
        }
    }
}
