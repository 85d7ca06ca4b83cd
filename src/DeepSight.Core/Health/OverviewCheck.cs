using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Postgres;
using DeepSight.Core.Queues;
using DeepSight.Core.Requests;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Health;

/// <summary>Gathers what a person wants to see first. Stores and queues are asked side by side; what one can't say does not hide the others.</summary>
public sealed class OverviewCheck(FreshnessCheck freshness, DatabaseSettings database, BackupSettings backup, RestoreSettings restore, RetentionSettings retention,
    VerificationSettings drills, BackupStores stores, TimeProvider clock)
{
    private const int MostNames = 20;
    private const int Days = 366;

    /// <summary>Several people may look at once.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    /// <summary>The queues that this app serves.</summary>
    public static IReadOnlyList<string> Queues { get; } = [RestoreMessage.Queue, JobMessage.Queue];

    /// <param name="queues">Null where the storage's connection is wrong.</param>
    /// <param name="isOff">Whether the host was told not to run this function.</param>
    public async Task<Overview> RunAsync(IMessageQueues? queues, Func<string, bool> isOff, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var judged = freshness.RunAsync(queues, Kept, cancellationToken);
        var depths = DepthsAsync(queues, cancellationToken);
        var report = await judged;
        var kept = stores.Kept;
        var listings = freshness.Listings.Where(listing => kept.Contains(listing.Catalog.Store)).ToList();
        var target = database.Url is null ? null : database.ForJobs();
        return new Overview
        {
            Now = now,
            Version = ToolVersion.Current,
            Database = target?.Display,
            Production = target is null ? null : ProductionHosts.Match(target, restore.ProductionHosts),
            Freshness = report,
            Schedules = Schedules(isOff, now),
            Queues = await depths,
            CanVerify = database.VerifyUrl is not null,
            Stores = [.. listings.Select(listing => Of(listing, listings, now))],
            Days = DaysOf(listings.SelectMany(listing => listing.Entries), freshness.BackupRuns, now),
            KeepDays = retention.KeepDays,
        };
    }

    private IReadOnlyList<ScheduledJob> Schedules(Func<string, bool> isOff, DateTimeOffset now)
    {
        return
        [
            Of("Backup", JobNames.Backup, backup.EffectiveSchedule),
            Of("Retention", JobNames.Retention, retention.EffectiveSchedule),
            Of("Verify", JobNames.Verify, drills.EffectiveSchedule, database.VerifyUrl is null ? "VERIFY_DATABASE_URL is not set" : null),
        ];

        ScheduledJob Of(string function, string job, string schedule, string? off = null)
        {
            off ??= isOff(function) ? $"AzureWebJobs.{function}.Disabled is set" : null;
            var next = off is null ? ScheduleText.Next(schedule, now.UtcDateTime) : null;
            return new ScheduledJob(job, schedule, next is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : null, off);
        }
    }

    private static async Task<IReadOnlyList<QueueDepth>?> DepthsAsync(IMessageQueues? queues, CancellationToken cancellationToken)
    {
        if (queues is null) return null;
        try
        {
            return await Task.WhenAll(Queues.Select(async name => new QueueDepth(name,
                await queues.Open(name).CountAsync(cancellationToken), await queues.Open(PoisonQueue.NameFor(name)).CountAsync(cancellationToken))));
        }
        catch (DeepSightException)
        {
            // Said as null.
            return null;
        }
    }

    private static StoreOverview Of(StoreListing listing, IReadOnlyList<StoreListing> all, DateTimeOffset now)
    {
        var held = listing.Entries.Select(entry => entry.Name).ToHashSet();
        var lacks = listing.Failure is not null ? [] : all.SelectMany(other => other.Entries).Where(entry => entry.IsGood && !held.Contains(entry.Name))
            .Select(entry => entry.Name).Distinct().OrderByDescending(name => name.Time).ToList();
        var newest = listing.Entries.FirstOrDefault(entry => entry.IsGood && !entry.Name.IsPreRestore && entry.Name.Time <= now);
        var store = listing.Catalog.Store;
        return new StoreOverview(store.Kind, store.Location, listing.Failure?.Message, listing.Entries.Count, listing.Entries.Sum(entry => entry.StoredBytes),
            newest?.Name.ToString(), [.. lacks.Take(MostNames).Select(name => name.ToString())], lacks.Count, store.FreeBytes);
    }

    private static IReadOnlyList<BackupDay> DaysOf(IEnumerable<BackupEntry> entries, IReadOnlyDictionary<DateOnly, int> ran, DateTimeOffset now)
    {
        var first = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - Days);
        var good = entries.Where(entry => entry.IsGood && !entry.Name.IsPreRestore).GroupBy(entry => entry.Name)
            .GroupBy(same => DateOnly.FromDateTime(same.Key.Time.UtcDateTime)).ToDictionary(day => day.Key, day => day.ToList());
        return
        [
            .. from day in good.Keys.Union(ran.Keys)
               where day >= first && day <= DateOnly.FromDateTime(now.UtcDateTime)
               orderby day
               let backups = good.GetValueOrDefault(day, [])
               select new BackupDay(day, backups.Count, backups.Count(same => same.Any(entry => entry.HasDrill)), ran.GetValueOrDefault(day),
                   backups.MaxBy(same => same.Key.Time)?.First().StoredBytes),
        ];
    }
}
