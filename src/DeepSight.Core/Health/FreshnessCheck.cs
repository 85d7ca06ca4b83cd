using System.Globalization;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Health;

/// <summary>
/// Looks whether there is a backup to rely on. The stores are asked at most twice a minute, however often probes come; ages are
/// counted anew each time.
/// </summary>
public sealed class FreshnessCheck(SettingsErrors errors, FreshnessSettings settings, VerificationSettings drills, DatabaseSettings database,
    BackupStores stores, RunHistory history, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    /// <summary>A store that retries for minutes must not keep a probe waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    /// <summary>And must not hide the others.</summary>
    private static readonly TimeSpan StorePatience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim reading = new(1);
    private (FreshnessFacts Facts, DateTimeOffset At)? latest;

    /// <summary>Never throws because of a store, the queue or the settings: what is wrong is in the report.</summary>
    /// <param name="queues">Where restore requests go; null when that is not known here.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public Task<FreshnessReport> RunAsync(IMessageQueues? queues, CancellationToken cancellationToken) => RunAsync(queues, Kept, cancellationToken);

    /// <param name="kept">How old an earlier answer of the stores may be. Not for those who ask without a key.</param>
    internal async Task<FreshnessReport> RunAsync(IMessageQueues? queues, TimeSpan kept, CancellationToken cancellationToken)
    {
        var facts = errors.All.Count > 0
            ? Nothing($"the settings are wrong: {string.Join(" ", errors.All)}")
            : await FactsAsync(queues, kept, cancellationToken);
        int? maxUnverifiedDays = database.VerifyUrl is null ? null : drills.MaxAgeDays;
        return Freshness.Judge(facts, settings.MaxAgeHours, maxUnverifiedDays, clock.GetUtcNow());
    }

    /// <summary>Of the latest answer of the stores: the manifest of the newest good backup, null where it can't be read, and each job's last run that ended.</summary>
    internal async Task<(BackupManifest? Newest, IReadOnlyList<RunRecord> LastRuns)> LatestAsync(CancellationToken cancellationToken)
    {
        if (latest is not { Facts: var facts }) return (null, []);
        if (facts.Newest is not { } newest) return (null, facts.LastRuns);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var (catalog, entry) = newest.Places.First(place => place.Entry.IsGood);
            return (await catalog.ReadManifestAsync(entry.Name, limit.Token), facts.LastRuns);
        }
        catch (Exception e) when (e is DeepSightException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Its numbers are then left out; that its store fails is said of the store.
            return (null, facts.LastRuns);
        }
    }

    /// <summary>The latest answer of the stores.</summary>
    internal IReadOnlyList<StoreListing> Listings => latest?.Facts.Listings ?? [];

    /// <summary>Of the latest answer of the stores: how many runs of backups of each day (UTC) have a record.</summary>
    internal IReadOnlyDictionary<DateOnly, int> BackupRuns => latest?.Facts.BackupRuns ?? new Dictionary<DateOnly, int>();

    public void Dispose() => reading.Dispose();

    private async Task<FreshnessFacts> FactsAsync(IMessageQueues? queues, TimeSpan age, CancellationToken cancellationToken)
    {
        await reading.WaitAsync(cancellationToken);
        try
        {
            // A clock that was set back must not keep them for ever.
            if (latest is { } kept && (clock.GetUtcNow() - kept.At).Duration() < age) return kept.Facts;

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            var facts = await ReadAsync(queues, limit.Token);
            latest = (facts, clock.GetUtcNow());
            return facts;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Nothing("a store did not answer in time");
        }
        finally
        {
            reading.Release();
        }
    }

    private async Task<FreshnessFacts> ReadAsync(IMessageQueues? queues, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var names = RunHistory.NamesAsync(stores.Kept, cancellationToken);
        var listings = await stores.ListEachAsync(stores.All, StorePatience, cancellationToken);
        var (trusted, problem) = await TrustedAsync(stores.Join(listings), cancellationToken);
        var regular = trusted.Where(backup => !backup.Name.IsPreRestore && backup.Name.Time <= now).ToList();
        var newest = regular.Find(backup => backup.IsGood);
        if (newest is not null) JobTelemetry.SawGoodBackup(newest.Name.Time);
        var (named, _) = await names;
        var runs = await RunsAsync(named, cancellationToken);
        var ended = runs.Where(run => run.Status is not RunStatus.Running).ToList();
        return new FreshnessFacts(
            [.. regular.Where(backup => backup.IsGood).Select(backup => (backup.Name.ToString(), backup.Name.Time, SizeOf(backup)))],
            await VerifiedAsync(regular, cancellationToken),
            ended.Find(run => run.Job == JobNames.Backup),
            ended.Find(run => run.Job == JobNames.Verify),
            ended.Find(Freshness.IsFailure),
            queues is null ? null : await PoisonAsync(queues, cancellationToken),
            // What one store can't say another may; only when none has a backup is it news.
            [
                .. listings.Any(listing => listing.Failure is not null) && !regular.Exists(backup => backup.IsGood) ? ["a store can't be read"] : problem is null ? Array.Empty<string>() : [problem],
                .. Lacking(regular, ended) is { } lacking ? new[] { lacking } : [],
                .. queues?.CanWrite() is false ? ["the folder for restore requests and schedules can't be written"] : Array.Empty<string>(),
            ])
        {
            Newest = newest,
            Listings = listings,
            LastRuns = [.. ended.DistinctBy(run => run.Job)],
            BackupRuns = named.Where(run => run.Name.Job == JobNames.Backup)
                .CountBy(run => DateOnly.FromDateTime(run.Name.StartedAt.UtcDateTime)).ToDictionary(),
        };
    }

    /// <summary>A store of BACKUP_STORES without the newest backup, once its run has ended; null where none is. Whoever listed a moment before it ended saw too little.</summary>
    private string? Lacking(List<StoredBackup> regular, List<RunRecord> ended) =>
        regular.Find(backup => backup.IsGood) is { Lacking: { Count: > 0 } lacking } newest && ended.Exists(run => run.Backup == newest.Name.ToString())
            ? string.Create(CultureInfo.InvariantCulture, $"{lacking.Count} of {stores.Wanted.Count} stores {(lacking.Count == 1 ? "lacks" : "lack")} the newest backup")
            : null;

    /// <summary>With RESTORE_TRUSTED_KEYS set, what no restore would take is no backup: down to the newest that one of them signed.</summary>
    private async Task<(IReadOnlyList<StoredBackup> Backups, string? Problem)> TrustedAsync(IReadOnlyList<StoredBackup> backups, CancellationToken cancellationToken)
    {
        if (!stores.Trusted.IsRequired) return (backups, null);

        var untrusted = new HashSet<StoredBackup>();
        foreach (var backup in backups.Where(backup => backup.IsGood && !backup.Name.IsPreRestore))
        {
            if ((await BackupDetails.ReadAsync([backup], cancellationToken))[0].Untrusted is null) break;
            untrusted.Add(backup);
        }
        return ([.. backups.Where(backup => !untrusted.Contains(backup))],
            untrusted.Count == 0 ? null : $"the newest {(untrusted.Count == 1 ? "backup is" : $"{untrusted.Count} backups are")} not signed by a trusted key");
    }

    /// <summary>The newest few of each job that matters here: enough to see how the last one ended.</summary>
    private async Task<List<RunRecord>> RunsAsync(IReadOnlyList<(IBackupStore Store, RunName Name)> names, CancellationToken cancellationToken)
    {
        var seen = new Dictionary<string, int>();
        var chosen = names.Where(name => (seen[name.Name.Job] = seen.GetValueOrDefault(name.Name.Job) + 1) <= 3).ToList();
        return [.. (await history.ReadAsync(chosen, [], cancellationToken)).Runs];
    }

    private static async Task<VerifiedBackup?> VerifiedAsync(List<StoredBackup> regular, CancellationToken cancellationToken)
    {
        foreach (var (catalog, entry) in regular.SelectMany(backup => backup.Places).Where(place => place.Entry.HasDrill))
            if (await DrillResult.FindAsync(catalog, entry, cancellationToken) is { } drill)
                return new VerifiedBackup(drill.Name, drill.FinishedAt, drill.RestoreSeconds);
        return null;
    }

    private static async Task<int?> PoisonAsync(IMessageQueues queues, CancellationToken cancellationToken)
    {
        try
        {
            return await queues.Open(PoisonQueue.NameFor(RestoreMessage.Queue)).CountAsync(cancellationToken);
        }
        catch (DeepSightException)
        {
            // Said as null: the queue's storage being away makes no backup older.
            return null;
        }
    }

    private static long SizeOf(StoredBackup backup) => backup.Places.First(place => place.Entry.IsGood).Entry.StoredBytes;

    private static FreshnessFacts Nothing(string problem) => new([], null, null, null, null, null, [problem]);
}
