using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Health;
using DeepSight.Core.Queues;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Health;

public sealed class FreshnessTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 31, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string BackupFolder => Path.Combine(folder.Path, "backups");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Without_any_backup_it_is_not_fresh()
    {
        var report = await Open().RunAsync(null, Cancelled);

        Assert.False(report.IsFresh);
        Assert.Equal(["there is no good backup"], report.Reasons);
    }

    [Fact]
    public async Task It_turns_within_a_minute_of_the_limit_and_back_on_the_next_good_backup()
    {
        var check = Open();
        var store = await BackUpAsync(1_000);
        Assert.True((await check.RunAsync(null, Cancelled)).IsFresh);

        clock.Advance(TimeSpan.FromHours(26));
        Assert.True((await check.RunAsync(null, Cancelled)).IsFresh);
        clock.Advance(TimeSpan.FromMinutes(1));
        var stale = await check.RunAsync(null, Cancelled);
        Assert.False(stale.IsFresh);
        Assert.Contains("26.0 hours old; 26 are allowed", Assert.Single(stale.Reasons), StringComparison.Ordinal);

        await BackUpAsync(1_000);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await check.RunAsync(null, Cancelled)).IsFresh);
        Assert.Equal(2, (await store.NamesAsync("deepsight_")).Count(name => name.EndsWith(".gz", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task State_that_can_not_be_written_is_told()
    {
        await BackUpAsync(1_000);
        var queues = MessageQueues.InFolder(folder.Path, clock);
        Assert.True((await Open().RunAsync(queues, Cancelled)).IsFresh);
        Assert.False(Directory.Exists(queues.Location));

        // The one file system of every Linux that takes no file, from root neither.
        Directory.CreateSymbolicLink(queues.Location, "/proc/self");
        Assert.Equal(["the folder for restore requests and schedules can't be written"], (await Open().RunAsync(queues, Cancelled)).Reasons);
    }

    [Fact]
    public void A_backup_that_one_of_two_stores_lacks_is_a_failed_one_though_the_other_has_it()
    {
        var now = clock.GetUtcNow();
        var run = new RunRecord { Id = "1", Job = "backup", Trigger = "timer", Status = RunStatus.Failed, StartedAt = now.AddSeconds(-5), ToolVersion = "test", Backup = "b.sql.gz" };

        var own = Freshness.Judge(new FreshnessFacts([("b.sql.gz", now.AddSeconds(-3), 1)], null, run, null, run, null, []), 26, null, now);
        var later = Freshness.Judge(new FreshnessFacts([("c.sql.gz", now.AddSeconds(-1), 1)], null, run, null, run, null, []), 26, null, now);

        Assert.Equal(["the last backup failed"], own.Reasons);
        Assert.True(later.IsFresh);
    }

    [Fact]
    public async Task A_failed_backup_shows_until_a_later_one_succeeds()
    {
        var check = Open();
        await BackUpAsync(1_000);
        clock.Advance(TimeSpan.FromHours(1));
        await RecordAsync("backup", RunStatus.Failed);

        var failed = await check.RunAsync(null, Cancelled);
        Assert.Equal(["the last backup failed"], failed.Reasons);
        Assert.Equal(("backup", RunStatus.Failed), (failed.LastFailure!.Job, failed.LastFailure.Status));

        clock.Advance(TimeSpan.FromHours(1));
        await BackUpAsync(1_000);
        await RecordAsync("backup", RunStatus.Succeeded);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await check.RunAsync(null, Cancelled)).IsFresh);
    }

    [Fact]
    public async Task A_backup_that_died_shows_as_lost_when_its_lease_is_over()
    {
        var check = Open();
        await BackUpAsync(1_000);
        clock.Advance(TimeSpan.FromMinutes(1));
        await RecordAsync("backup", RunStatus.Running);
        Assert.True((await check.RunAsync(null, Cancelled)).IsFresh);

        clock.Advance(TimeSpan.FromMinutes(16));
        var lost = await check.RunAsync(null, Cancelled);
        Assert.Equal(["the last backup failed"], lost.Reasons);
        Assert.Equal(RunStatus.Lost, lost.LastFailure!.Status);
    }

    [Fact]
    public async Task A_failed_drill_shows_until_a_later_one_succeeds()
    {
        var check = Open();
        var store = await BackUpAsync(1_000);
        await RecordAsync("verify", RunStatus.Failed);
        Assert.Equal(["the last drill failed"], (await check.RunAsync(null, Cancelled)).Reasons);

        clock.Advance(TimeSpan.FromMinutes(1));
        await ProveAsync(store);
        await RecordAsync("verify", RunStatus.Succeeded);
        Assert.True((await check.RunAsync(null, Cancelled)).IsFresh);
    }

    [Fact]
    public async Task With_drills_on_a_backup_must_be_proven_now_and_then()
    {
        var check = Open(("VERIFY_DATABASE_URL", "postgresql://drills/postgres"), ("VERIFY_MAX_AGE_DAYS", "3"), ("BACKUP_MAX_AGE_HOURS", "1000"));
        var store = await BackUpAsync(1_000);
        Assert.Equal(["no backup was proven by a drill"], (await check.RunAsync(null, Cancelled)).Reasons);

        await ProveAsync(store);
        clock.Advance(TimeSpan.FromMinutes(1));
        var proven = await check.RunAsync(null, Cancelled);
        Assert.True(proven.IsFresh);
        Assert.Equal(12.5, proven.LastVerified!.RestoreSeconds);

        clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal(["no backup was proven by a drill for more than 3 days"], (await check.RunAsync(null, Cancelled)).Reasons);
    }

    [Theory]
    [InlineData(499, true)]
    [InlineData(500, false)]
    [InlineData(5_000, false)]
    public async Task A_backup_of_less_than_half_the_usual_size_is_suspicious(int size, bool suspicious)
    {
        foreach (var usual in new[] { 900, 1_000, 1_100 })
        {
            await BackUpAsync(usual);
            clock.Advance(TimeSpan.FromHours(1));
        }

        await BackUpAsync(size);
        var report = await Open().RunAsync(null, Cancelled);
        Assert.Equal((1_000, suspicious), (report.LastSuccess!.MedianBytes, report.LastSuccess.IsSuspicious));
    }

    [Fact]
    public async Task Backups_before_a_restore_and_dates_in_the_future_do_not_count()
    {
        await BackUpAsync(1_000, at: clock.GetUtcNow().AddYears(73));
        await BackUpAsync(1_000, preRestore: true);

        Assert.Equal(["there is no good backup"], (await Open().RunAsync(null, Cancelled)).Reasons);
    }

    [Fact]
    public async Task Messages_that_nobody_could_handle_are_counted()
    {
        await BackUpAsync(1_000);
        var queues = MessageQueues.InFolder(folder.Path, clock);
        await queues.Open("restore-requests-poison").SendAsync("{}", Timeout.InfiniteTimeSpan, Cancelled);

        Assert.Equal(1, (await Open().RunAsync(queues, Cancelled)).PoisonMessages);
    }

    [Fact]
    public async Task Wrong_settings_and_a_store_that_is_away_are_reasons_without_names()
    {
        var wrong = await Open(("BACKUP_RETENTION_DAYS", "text")).RunAsync(null, Cancelled);
        Assert.Contains(wrong.Reasons, reason => reason.StartsWith("the settings are wrong: BACKUP_RETENTION_DAYS is 'text'", StringComparison.Ordinal));

        var away = await Open(
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEKEY"), ("AWS_SECRET_ACCESS_KEY", "s3cret"), ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")).RunAsync(null, Cancelled);
        Assert.False(away.IsFresh);
        Assert.DoesNotContain("127.0.0.1", System.Text.Encoding.UTF8.GetString(Json.ToUtf8(away)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_function_answers_200_or_503_to_anyone()
    {
        using var check = Open();
        var function = new Functions.Freshness(check, new Functions.AppQueues(
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("DEEPSIGHT_STATE_DIR", (string?)folder.Path)]).Build(), clock));
        Assert.Equal(503, ((IStatusCodeHttpResult)await function.RunAsync(new DefaultHttpContext().Request, Cancelled)).StatusCode);

        await BackUpAsync(1_000);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, ((IStatusCodeHttpResult)await function.RunAsync(new DefaultHttpContext().Request, Cancelled)).StatusCode);
    }

    [Fact]
    public async Task The_runs_are_served_newest_first_or_one_by_its_id()
    {
        await RecordAsync("backup", RunStatus.Failed);
        clock.Advance(TimeSpan.FromMinutes(1));
        await RecordAsync("retention", RunStatus.Succeeded);
        var settings = DeepSightSettings.Load(new SettingsSource().Add([KeyValuePair.Create("BACKUP_DIR", (string?)BackupFolder)], "test"));
        var function = new Functions.Runs(settings, new BackupStores(settings.Backup, settings.S3, settings.Azure, clock, NullLoggerFactory.Instance), new RunHistory(clock));

        Assert.Equal(200, await StatusAsync(null, ""));
        Assert.Equal(200, await StatusAsync(null, "?job=backup&limit=1"));
        Assert.Equal(400, await StatusAsync(null, "?limit=many"));
        Assert.Equal(404, await StatusAsync("nope", ""));

        async Task<int?> StatusAsync(string? id, string query)
        {
            var request = new DefaultHttpContext().Request;
            request.QueryString = new QueryString(query);
            return ((IStatusCodeHttpResult)await function.RunAsync(request, id, Cancelled)).StatusCode ?? 200;
        }
    }

    private FreshnessCheck Open(params (string Name, string Value)[] values)
    {
        var source = new SettingsSource().Add(values.Append(("BACKUP_DIR", BackupFolder)).Select(value => KeyValuePair.Create(value.Item1, (string?)value.Item2)), "test");
        var settings = DeepSightSettings.Load(source);
        return new FreshnessCheck(new SettingsErrors(settings.Errors), settings.Freshness, settings.Verification, settings.Database,
            new BackupStores(settings.Backup, settings.S3, settings.Azure, clock, NullLoggerFactory.Instance), new RunHistory(clock), clock);
    }

    private async Task<IBackupStore> BackUpAsync(int bytes, DateTimeOffset? at = null, bool preRestore = false)
    {
        var store = new LocalBackupStore(BackupFolder, clock);
        var name = new BackupName("deepsight", at ?? clock.GetUtcNow(), Compression.Gzip, preRestore);
        await store.ReplaceAsync(name.ToString(), new byte[bytes], Cancelled);
        await store.ReplaceAsync(name.Manifest, new byte[1], Cancelled);
        return store;
    }

    private async Task ProveAsync(IBackupStore store)
    {
        var entry = (await new BackupCatalog(store, "deepsight").ListAsync(Cancelled))[0];
        await store.ReplaceAsync(entry.Name.Verified, Json.ToUtf8(new DrillResult
        {
            Name = entry.Name.ToString(),
            StartedAt = clock.GetUtcNow(),
            FinishedAt = clock.GetUtcNow().AddSeconds(1),
            RestoreSeconds = 12.5,
            Sha256 = "ab",
            ServerVersion = "17.2",
            ToolVersion = "test",
            Tables = 1,
            Rows = 1,
        }), Cancelled);
    }

    private async Task RecordAsync(string job, RunStatus status)
    {
        var run = new RunRecord
        {
            Id = Guid.NewGuid().ToString("N")[..8],
            Job = job,
            Trigger = "timer",
            Status = status,
            StartedAt = clock.GetUtcNow(),
            AliveUntil = clock.GetUtcNow().AddMinutes(15),
            ToolVersion = "test",
        };
        var store = new LocalBackupStore(BackupFolder, clock);
        await store.ReplaceAsync(run.ObjectName, Json.ToUtf8(run), Cancelled);
    }
}
