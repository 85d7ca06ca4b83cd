using System.Globalization;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Retention;

/// <summary>What retention does in a store; each derived class runs it over one implementation.</summary>
public abstract class RetentionJobContract
{
    private static readonly string[] Sides = [BackupName.ManifestSuffix, BackupName.AccessSuffix];

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Two days ahead of what the stores say is now: what the tests leave behind is old enough to be swept.</summary>
    protected FakeTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow().AddDays(2));

    protected abstract Task<StoreUnderTest> OpenAsync();

    [Fact]
    public async Task What_no_rule_keeps_goes_with_its_side_files_and_old_records_and_nothing_else_does()
    {
        await using var test = await OpenAsync();
        var store = new HookedStore(test.Store);
        var backups = await FillAsync(store, days: 12);
        string[] foreign = [$"{backups[11]}.sha256", "deepsight_test_20200101_030000.sql.gz", "deepsight_20200101.sql.gz", "notes/readme.txt", "deepsight_20200101_030000.sql.gz.part"];
        foreach (var name in foreign) await test.PlantAsync(name, [1]);
        var oldRun = RunAt(12, "backup", RunStatus.Succeeded);
        var youngRun = RunAt(1, "backup", RunStatus.Failed);
        foreach (var run in new[] { oldRun, youngRun }) await WriteAsync(store, run);

        var result = await RunAsync([store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        var gone = backups[8..];
        Assert.Equal(gone.Select(name => name.ToString()), result.Stores[0].Deleted.Order(StringComparer.Ordinal).Reverse());
        var names = await store.NamesAsync();
        Assert.Equal(
            backups[..8].SelectMany(AllOf).Concat(foreign).Append(youngRun.ObjectName).Order(StringComparer.Ordinal),
            names.Where(name => !name.Contains("_retention_")).Order(StringComparer.Ordinal));
        Assert.Equal(1, result.Stores[0].Runs);
        Assert.Equal(4 * 3, result.Stores[0].FreedBytes);

        // Manifests first, then the rest, then the markers: three calls, in no order within one.
        Assert.Equal(["manifest.json", "gz", "deleting"], store.Deletes.Take(3).Select(call => call.Select(name => name.Split('.')[^1]).First() is "json" ? "manifest.json" : call[0].Split('.')[^1]));
        Assert.All(store.Deletes[2], name => Assert.EndsWith(BackupName.DeletingSuffix, name));
    }

    [Fact]
    public async Task Claims_of_restore_requests_go_with_the_records_of_their_time()
    {
        await using var test = await OpenAsync();
        await FillAsync(test.Store, days: 1);
        await test.Store.TryCreateAsync("requests/abc.json", new byte[1], Cancelled);
        await test.Store.TryCreateAsync("requests/notes.txt", new byte[1], Cancelled);

        await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "2")));
        Assert.Equal(2, (await test.Store.NamesAsync("requests/")).Count);

        // Written now by the store's clock, which is two days behind the backup's.
        Clock.Advance(TimeSpan.FromSeconds(1));
        var result = await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "1")));
        Assert.Equal(["requests/notes.txt"], await test.Store.NamesAsync("requests/"));
        Assert.Equal(0, result.Stores[0].Runs);
    }

    [Fact]
    public async Task A_second_run_has_nothing_to_do()
    {
        await using var test = await OpenAsync();
        await FillAsync(test.Store, days: 12);
        await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "7")));
        var before = await test.Store.NamesAsync("deepsight_");

        var again = await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Empty(again.Stores[0].Deleted);
        Assert.Equal(before, await test.Store.NamesAsync("deepsight_"));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_leaves_no_record()
    {
        await using var test = await OpenAsync();
        await FillAsync(test.Store, days: 12);
        var before = await test.Store.NamesAsync();

        var result = await Job(Rules(("BACKUP_RETENTION_DAYS", "7"))).RunAsync(new RetentionRequest([test.Store], "command", false, DryRun: true), Cancelled);

        Assert.Equal(4, result.Stores[0].Plan.Deleted.Count());
        Assert.Equal(before, await test.Store.NamesAsync());
    }

    [Fact]
    public async Task A_store_that_fails_in_the_middle_leaves_no_half_in_the_list_and_the_next_run_finishes()
    {
        await using var test = await OpenAsync();
        var store = new HookedStore(test.Store);
        var backups = await FillAsync(store, days: 12);
        store.BeforeDelete = names => names.Any(name => name.EndsWith(".sql.gz", StringComparison.Ordinal))
            ? throw new DeepSightException(FailureKind.Failed, "The disk is gone.", "find it.")
            : Task.CompletedTask;

        var broken = await RunAsync([store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Equal("The disk is gone.", Assert.Single(broken.Failures).Message);
        Assert.Empty(broken.Stores[0].Deleted);
        Assert.Equal(RunStatus.Failed, (await LastRunAsync(store)).Status);
        Assert.Equal(backups[..8], (await new BackupCatalog(store, "deepsight").ListAsync(Cancelled)).Select(entry => entry.Name));

        store.BeforeDelete = _ => Task.CompletedTask;
        var next = await RunAsync([store], Rules(("BACKUP_RETENTION_DAYS", "7")));
        Assert.Equal(4, next.Stores[0].Deleted.Count);
        Assert.Equal(8 * 3, (await store.NamesAsync("deepsight_")).Count);
    }

    [Fact]
    public async Task What_an_interrupted_retention_was_about_to_delete_is_decided_anew()
    {
        await using var test = await OpenAsync();
        var backups = await FillAsync(test.Store, days: 12);
        // With seven days these four were to go, and it was cut off: before anything, after the manifest, after the dump.
        foreach (var name in backups[8..]) await test.Store.TryCreateAsync(name.Deleting, default, Cancelled);
        await test.Store.DeleteAsync([backups[10].Manifest, backups[11].Manifest, backups[11].ToString()], Cancelled);

        var again = await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "9")));

        Assert.Equal([backups[11].ToString(), backups[10].ToString()], again.Stores[0].Deleted.Order(StringComparer.Ordinal));
        Assert.Equal(backups[..10], (await new BackupCatalog(test.Store, "deepsight").ListAsync(Cancelled)).Select(entry => entry.Name));
        Assert.Equal(2, again.Stores[0].Swept.Count(text => text.Contains("listed again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_last_good_one_stays_though_an_interrupted_retention_was_about_to_delete_it()
    {
        await using var test = await OpenAsync();
        var backups = await FillAsync(test.Store, days: 3);
        await test.Store.TryCreateAsync(backups[2].Deleting, default, Cancelled);
        await test.Store.DeleteAsync([.. backups[..2].SelectMany(AllOf)], Cancelled);

        await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "1")));

        Assert.Equal([backups[2]], (await new BackupCatalog(test.Store, "deepsight").ListAsync(Cancelled)).Select(entry => entry.Name));
    }

    [Fact]
    public async Task One_store_that_fails_does_not_keep_the_other_from_being_cleared_up()
    {
        await using var test = await OpenAsync();
        await using var other = await OpenAsync();
        var broken = new HookedStore(test.Store) { BeforeDelete = _ => throw new DeepSightException(FailureKind.Failed, "No.", null) };
        await FillAsync(test.Store, days: 12);
        await FillAsync(other.Store, days: 12);

        var result = await RunAsync([broken, other.Store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Single(result.Failures);
        Assert.Equal(4, result.Stores[1].Deleted.Count);
    }

    [Fact]
    public async Task Of_two_at_once_the_second_is_busy()
    {
        await using var test = await OpenAsync();
        var store = new HookedStore(test.Store);
        await FillAsync(store, days: 12);
        DeepSightException? second = null;
        store.BeforeDelete = async _ => second ??= await Assert.ThrowsAsync<DeepSightException>(() => RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "7"))));

        var first = await RunAsync([store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Equal(FailureKind.Busy, second?.Kind);
        Assert.Equal(4, first.Stores[0].Deleted.Count);
        await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "7")));
    }

    [Fact]
    public async Task A_pin_that_comes_while_retention_works_still_counts()
    {
        await using var test = await OpenAsync();
        var store = new HookedStore(test.Store);
        var backups = await FillAsync(store, days: 12);
        var catalog = new BackupCatalog(test.Store, "deepsight");
        var pinned = false;
        store.Created = async name =>
        {
            if (pinned || !name.EndsWith(BackupName.DeletingSuffix, StringComparison.Ordinal)) return;
            pinned = true;
            // Too late to be seen in the list, early enough to be seen: whoever pins is told that it was close.
            await test.Store.TryCreateAsync(backups[9].Pinned, default, Cancelled);
        };

        var result = await RunAsync([store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Equal(3, result.Stores[0].Deleted.Count);
        Assert.Contains(result.Stores[0].Warnings, warning => warning.Contains(backups[9].ToString()) && warning.Contains("pinned meanwhile"));
        Assert.True((await catalog.ListAsync(Cancelled)).Single(entry => entry.Name == backups[9]) is { IsPinned: true, HasManifest: true, HasAccess: true });
    }

    [Fact]
    public async Task Pinning_what_is_being_deleted_says_so()
    {
        await using var test = await OpenAsync();
        var backups = await FillAsync(test.Store, days: 1);
        await test.Store.TryCreateAsync(backups[0].Deleting, default, Cancelled);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => new BackupCatalog(test.Store, "deepsight").PinAsync(backups[0], Cancelled));

        Assert.Equal(FailureKind.NothingToDo, failure.Kind);
    }

    [Theory]
    [InlineData("restore", true)]
    [InlineData("verify", true)]
    [InlineData("restore", false)]
    public async Task What_a_running_restore_reads_stays_and_what_a_dead_one_read_goes(string job, bool alive)
    {
        await using var test = await OpenAsync();
        var backups = await FillAsync(test.Store, days: 12);
        await WriteAsync(test.Store, RunAt(0, job, RunStatus.Running) with
        {
            Backup = backups[11].ToString(),
            AliveUntil = Clock.GetUtcNow().AddMinutes(alive ? 5 : -5),
        });

        var result = await RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Equal(alive ? 3 : 4, result.Stores[0].Deleted.Count);
        Assert.Equal(alive, (await test.Store.NamesAsync()).Contains(backups[11].ToString()));
    }

    [Fact]
    public async Task A_restore_that_starts_while_retention_works_keeps_its_source()
    {
        await using var test = await OpenAsync();
        var store = new HookedStore(test.Store);
        var backups = await FillAsync(store, days: 12);
        store.Created = name => name == backups[11].Deleting
            ? WriteAsync(test.Store, RunAt(0, "restore", RunStatus.Running) with { Backup = backups[11].ToString(), AliveUntil = Clock.GetUtcNow().AddMinutes(5) })
            : Task.CompletedTask;

        var result = await RunAsync([store], Rules(("BACKUP_RETENTION_DAYS", "7")));

        Assert.Equal(3, result.Stores[0].Deleted.Count);
        Assert.Contains((await new BackupCatalog(store, "deepsight").ListAsync(Cancelled)), entry => entry.Name == backups[11]);
    }

    [Fact]
    public async Task What_an_interrupted_backup_left_is_removed_and_a_whole_one_is_listed_again()
    {
        await using var test = await OpenAsync();
        var backups = await FillAsync(test.Store, days: 3);
        var half = At(40);
        await test.Store.ReplaceAsync(half.ToString(), new byte[1], Cancelled);
        await test.Store.ReplaceAsync(half.Access, new byte[1], Cancelled);
        await test.Store.TryCreateAsync(half.Pending, default, Cancelled);
        await test.Store.TryCreateAsync(backups[1].Pending, default, Cancelled);

        var result = await RunAsync([test.Store], Rules());

        Assert.Equal(2, Swept(result).Count());
        Assert.Equal(backups, (await new BackupCatalog(test.Store, "deepsight").ListAsync(Cancelled)).Select(entry => entry.Name));
        Assert.Empty(await test.Store.NamesAsync(half.ToString()));
    }

    [Fact]
    public async Task Nothing_unfinished_is_removed_while_a_backup_runs_or_before_a_day_is_over()
    {
        await using var test = await OpenAsync();
        await FillAsync(test.Store, days: 3);
        await test.Store.TryCreateAsync(At(0).Pending, default, Cancelled);
        var run = RunAt(0, "backup", RunStatus.Running) with { AliveUntil = Clock.GetUtcNow().AddMinutes(5) };
        await WriteAsync(test.Store, run);

        Assert.Empty(Swept(await RunAsync([test.Store], Rules())));

        await WriteAsync(test.Store, run with { Status = RunStatus.Failed });
        Clock.AdjustTime(TimeProvider.System.GetUtcNow());
        Assert.Empty(Swept(await RunAsync([test.Store], Rules())));

        Clock.AdjustTime(TimeProvider.System.GetUtcNow().AddDays(2));
        Assert.Single(Swept(await RunAsync([test.Store], Rules())));
    }

    [Fact]
    public async Task What_does_not_fit_together_is_reported_and_left_alone()
    {
        await using var test = await OpenAsync();
        var backups = await FillAsync(test.Store, days: 3);
        await test.Store.DeleteAsync([backups[1].ToString()], Cancelled);
        await test.Store.DeleteAsync([backups[2].Manifest], Cancelled);
        await test.Store.ReplaceAsync(At(9).Access, new byte[1], Cancelled);

        var result = await RunAsync([test.Store], Rules());

        Assert.Equal(
            [
                $"{At(9)}: side files without a dump",
                $"{backups[2]}: a dump whose manifest is gone: it counts as unverified",
                $"{backups[1]}: a manifest without its dump",
            ], result.Stores[0].Orphans);
        Assert.Equal(8, (await test.Store.NamesAsync("deepsight_")).Count);
    }

    [Fact]
    public async Task A_plan_that_leaves_next_to_nothing_is_refused_unless_forced()
    {
        await using var test = await OpenAsync();
        var backups = await FillAsync(test.Store, days: 12, step: 2);
        var before = await test.Store.NamesAsync("deepsight_");

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => RunAsync([test.Store], Rules(("BACKUP_RETENTION_DAYS", "1"))));
        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains("11 of 12", refused.Message);
        Assert.Equal(before, await test.Store.NamesAsync("deepsight_"));
        Assert.Equal(RunStatus.Refused, (await LastRunAsync(test.Store)).Status);

        Clock.Advance(TimeSpan.FromSeconds(1));
        await Job(Rules(("BACKUP_RETENTION_DAYS", "1"))).RunAsync(new RetentionRequest([test.Store], "command", Force: true, DryRun: false), Cancelled);
        Assert.Equal([backups[0]], (await new BackupCatalog(test.Store, "deepsight").ListAsync(Cancelled)).Select(entry => entry.Name));
    }

    /// <summary>Newest first: one a day, with a manifest and an access file, of one byte each.</summary>
    protected async Task<List<BackupName>> FillAsync(IBackupStore store, int days, int step = 1)
    {
        var names = Enumerable.Range(0, days).Select(day => At(day * step)).ToList();
        await Parallel.ForEachAsync(names.SelectMany(AllOf), Cancelled, async (name, token) => await store.ReplaceAsync(name, new byte[1], token));
        return names;
    }

    /// <summary>A backup of this many days ago.</summary>
    protected BackupName At(int days)
    {
        var time = Clock.GetUtcNow().AddDays(-days).AddHours(-1);
        return new BackupName("deepsight", new DateTimeOffset(time.Ticks - time.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero), Compression.Gzip, false);
    }

    protected static DeepSightSettings Rules(params (string Name, string Value)[] values) => DeepSightSettings.Load(
        new SettingsSource().Add(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value)), "test")).ThrowIfInvalid();

    protected RetentionJob Job(DeepSightSettings settings) =>
        new(settings.Retention, settings.Backup, settings.Database, settings.Restore, new RunJournal(Clock, NullLogger<RunJournal>.Instance), new RunHistory(Clock), Clock);

    protected Task<RetentionResult> RunAsync(IReadOnlyList<IBackupStore> stores, DeepSightSettings settings) =>
        Job(settings).RunAsync(new RetentionRequest(stores, "command", Force: false, DryRun: false), Cancelled);

    /// <summary>By a clock that is ahead, the record that is being written meanwhile has lain there unfinished for two days.</summary>
    private static IEnumerable<string> Swept(RetentionResult result) =>
        result.Stores[0].Swept.Where(text => !text.Contains("/" + RunName.Folder, StringComparison.Ordinal));

    private static IEnumerable<string> AllOf(BackupName name) => Sides.Select(suffix => name + suffix).Append(name.ToString());

    private RunRecord RunAt(int days, string job, RunStatus status) => new()
    {
        Id = days.ToString(CultureInfo.InvariantCulture),
        Job = job,
        Trigger = "command",
        Status = status,
        StartedAt = Clock.GetUtcNow().AddDays(-days),
        ToolVersion = "test",
    };

    private static Task WriteAsync(IBackupStore store, RunRecord run) => store.ReplaceAsync(run.ObjectName, Json.ToUtf8(run), Cancelled);

    private async Task<RunRecord> LastRunAsync(IBackupStore store) =>
        (await new RunHistory(Clock).ListAsync([store], 1, name => name.Job == "retention", Cancelled)).Runs[0];
}
