using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Queues;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using static DeepSight.Core.Health.MetricsText;

namespace DeepSight.Core.Health;

/// <summary>What <c>GET metrics</c> answers: the overview and the database's health as numbers. What is not known is left out.</summary>
public sealed class MetricsCheck(OverviewCheck overview, FreshnessCheck freshness, HealthCheck health, BackupSettings backup)
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>The text, with its <c># EOF</c>.</summary>
    /// <param name="queues">Null where the storage's connection is wrong.</param>
    /// <param name="isOff">Whether the host was told not to run this function.</param>
    public async Task<string> RunAsync(IMessageQueues? queues, Func<string, bool> isOff, CancellationToken cancellationToken)
    {
        var probe = health.RunAsync(cancellationToken);
        var seen = await overview.RunAsync(queues, isOff, cancellationToken);
        var (newest, runs) = await freshness.LatestAsync(cancellationToken);

        var text = new MetricsText().Family("deepsight_build_info", "The version of the app.", new Sample(1, ("version", seen.Version)));
        AddBackup(text, seen, newest);
        AddJobs(text, seen, runs);
        AddStores(text, seen);
        AddDatabase(text, await probe);
        return text.ToString();
    }

    private static void AddBackup(MetricsText text, Overview seen, BackupManifest? newest)
    {
        var report = seen.Freshness;
        text
            .Family("deepsight_backup_fresh", "1 when GET health/backup answers 200.", report.IsFresh)
            .Family("deepsight_backup_max_age_seconds", "The age from which on the newest good backup is too old.", report.MaxAgeHours * 3600.0)
            .Family("deepsight_backup_newest_timestamp_seconds", "When the newest good backup was begun.", report.LastSuccess?.Time)
            .Family("deepsight_backup_newest_stored_bytes", "Its size as it is stored.", (double?)report.LastSuccess?.StoredBytes)
            .Family("deepsight_backup_newest_sql_bytes", "Its size before compression.", (double?)newest?.SqlBytes)
            .Family("deepsight_backup_newest_rows", "Rows of all its tables.", (double?)newest?.Rows)
            .Family("deepsight_backup_newest_duration_seconds", "How long it took.", (newest?.FinishedAt - newest?.StartedAt)?.TotalSeconds)
            .Family("deepsight_backup_newest_suspicious", "1 when it is smaller than half the median of the ten before.", report.LastSuccess is { } last ? last.IsSuspicious : (Sample)(double?)null)
            .Family("deepsight_drill_enabled", "1 when VERIFY_DATABASE_URL is set.", seen.CanVerify)
            .Family("deepsight_drill_newest_timestamp_seconds", "When the drill ended that proved the newest proven backup.", report.LastVerified?.At)
            .Family("deepsight_drill_newest_restore_seconds", "The time to restore that it measured.", report.LastVerified?.RestoreSeconds);
    }

    private static void AddJobs(MetricsText text, Overview seen, IReadOnlyList<RunRecord> runs)
    {
        text
            .Family("deepsight_job_last_end_timestamp_seconds", "When the job's last run ended.", Of(run => run.FinishedAt?.ToUnixTimeMilliseconds() / 1000.0))
            .Family("deepsight_job_last_duration_seconds", "How long the job's last run took.", Of(run => (run.FinishedAt - run.StartedAt)?.TotalSeconds))
            .Family("deepsight_job_last_outcome", "1 for the outcome of the job's last run that ended.",
                runs.Select(run => new Sample(1, ("kind", run.Job), ("outcome", EnumNames.Of(run.Status)))))
            .Family("deepsight_job_next_timestamp_seconds", "When the job's timer is due.",
                seen.Schedules.Select(schedule => new Sample(schedule.Next?.ToUnixTimeSeconds(), ("kind", schedule.Job))))
            .Family("deepsight_queue_messages", "Messages that wait, about.", seen.Queues?.Select(queue => new Sample(queue.Waiting, ("queue", queue.Name))) ?? [])
            .Family("deepsight_queue_poison_messages", "Messages that were given up and wait for a person, about.",
                seen.Queues?.Select(queue => new Sample(queue.Poison, ("queue", queue.Name))) ?? []);

        IEnumerable<Sample> Of(Func<RunRecord, double?> value) => runs.Select(run => new Sample(value(run), ("kind", run.Job)));
    }

    private void AddStores(MetricsText text, Overview seen)
    {
        text
            .Family("deepsight_store_up", "1 when the store can be listed.", Of(seen.Stores, store => store.Error is null ? 1 : 0))
            .Family("deepsight_store_backups", "Backups that it holds.", Up(store => store.Backups))
            .Family("deepsight_store_stored_bytes", "Size of all of them.", Up(store => store.StoredBytes))
            .Family("deepsight_store_lacking_backups", "Good backups that another store holds and this one doesn't.", Up(store => store.LacksCount))
            .Family("deepsight_store_newest_timestamp_seconds", "When its newest good backup was begun.",
                Up(store => store.Newest is { } name ? BackupName.TryParse(name, backup.Name)?.Time.ToUnixTimeSeconds() : null))
            .Family("deepsight_store_free_bytes", "What still fits into it, where something limits it.", Up(store => store.FreeBytes));

        IEnumerable<Sample> Up(Func<StoreOverview, double?> value) => Of(seen.Stores.Where(store => store.Error is null), value);

        static IEnumerable<Sample> Of(IEnumerable<StoreOverview> stores, Func<StoreOverview, double?> value) =>
            stores.Select(store => new Sample(value(store), ("store", store.Kind), ("location", store.Location)));
    }

    private static void AddDatabase(MetricsText text, HealthReport report)
    {
        double? pending = report.IsHealthy && report.Migrations.Error is null ? report.Migrations.Pending : null;
        text
            .Family("deepsight_database_up", "1 when the database answers.", report.IsHealthy)
            .Family("deepsight_database_size_bytes", "Its size, about.", report.Database.SizeMb * Mebibyte)
            .Family("deepsight_migrations_pending", "Revisions that are deployed and not applied.", pending);
    }
}
