using Cronos;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Backup;

/// <summary>The backup that nobody asks for: when it is due, and when it was missed.</summary>
public sealed class ScheduledBackup(
    SettingsErrors errors, BackupSettings settings, DatabaseSettings database, BackupStores stores, BackupJob job, AutomaticMigrationJob migration,
    TimeProvider clock, ILogger<ScheduledBackup> logger) : IDisposable
{
    /// <summary>How long another instance may take for the overdue backup before this one gives up.</summary>
    private static readonly TimeSpan OtherInstance = TimeSpan.FromMinutes(30);

    // A host that starts late finds the timer past due and the last success too old at the same moment.
    private readonly SemaphoreSlim oneAtATime = new(1);

    /// <exception cref="DeepSightException">A setting is wrong, or the backup failed, if only in one of its stores.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => OneAtATimeAsync(async () =>
    {
        await BackUpAsync(held: null, cancellationToken);
        await MigrateAsync(cancellationToken);
    }, cancellationToken);

    /// <summary>Backs up if the last success is older than one period of the schedule.</summary>
    /// <exception cref="DeepSightException">A setting is wrong, or the backup failed.</exception>
    public Task CatchUpAsync(CancellationToken cancellationToken) => OneAtATimeAsync(async () =>
    {
        var period = Period();
        if (await stores.FindYoungerThanAsync(period, stores.ForSchedule(), cancellationToken) is { } young)
        {
            logger.LogInformation("No backup was missed: {Name} is younger than the {Hours:0.#} h between two.", young.Name, period.TotalHours);
            return;
        }

        logger.LogInformation("There is no good backup of the last {Hours:0.#} h: backing up now.", period.TotalHours);
        if (await BackUpUnlessMadeAsync(period, cancellationToken)) await MigrateAsync(cancellationToken);
    }, cancellationToken);

    public void Dispose() => oneAtATime.Dispose();

    /// <summary>Looks again behind the lock: of two instances that start together, the second finds the first one's backup.</summary>
    private async Task<bool> BackUpUnlessMadeAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        await using var held = await JobLock.AcquireAsync(database.ForJobs(), JobNames.Backup, OtherInstance, clock, cancellationToken);
        if (await stores.FindYoungerThanAsync(period, stores.ForSchedule(), cancellationToken) is { } young)
        {
            logger.LogInformation("Another instance made the overdue backup meanwhile: {Name}.", young.Name);
            return false;
        }

        await BackUpAsync(held, cancellationToken);
        return true;
    }

    /// <param name="held">The lock that the backup runs under; null takes one.</param>
    private async Task BackUpAsync(JobLock? held, CancellationToken cancellationToken)
    {
        errors.ThrowIfAny();
        var request = new BackupRequest(database.ForJobs(), BackupKind.Scheduled, stores.ForSchedule(), Triggers.Timer) { Under = held };
        var result = await job.RunAsync(request, progress: null, cancellationToken);
        logger.LogInformation("Backed up {Name}: {Bytes:N0} bytes in {Locations}.", result.Manifest.Name, result.Manifest.StoredBytes, string.Join(" and ", result.Locations));
        result.ThrowIfIncomplete();
        // Failing here would only have it made three times more, and no better: its record says failed, and so do health and the webhook.
        if (result.Failure is { } shortfall) logger.LogError("{Reason} {Hint}", shortfall.Message, shortfall.Hint);
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await migration.RunAsync(database.ForJobs(), AutoMigration.AfterBackup, Triggers.Timer, cancellationToken);
        }
        catch (DeepSightException e)
        {
            // The backup is good. Failing here would only have it made three times more; the run record says what became of the migration.
            logger.LogError("The pending migrations were not applied: {Reason} {Hint}", e.Message, e.Hint);
        }
    }

    /// <summary>Between the next two runs.</summary>
    private TimeSpan Period()
    {
        errors.ThrowIfAny();
        var schedule = settings.EffectiveSchedule;
        try
        {
            var format = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
            var cron = CronExpression.Parse(schedule, format);
            return cron.GetNextOccurrence(clock.GetUtcNow().UtcDateTime) is { } next && cron.GetNextOccurrence(next) is { } afterNext
                ? afterNext - next
                : TimeSpan.FromDays(1);
        }
        catch (CronFormatException e)
        {
            throw new DeepSightException(FailureKind.InvalidInput, $"BACKUP_SCHEDULE is '{schedule}', which is not a schedule.",
                "six fields in UTC: '0 0 3 * * *' is every day at 03:00:00.", e);
        }
    }

    private async Task OneAtATimeAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await action();
        }
        finally
        {
            oneAtATime.Release();
        }
    }
}
