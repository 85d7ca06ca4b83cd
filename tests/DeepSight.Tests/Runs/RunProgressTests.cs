using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Runs;

/// <summary>What any process or machine can see of a job that runs in another.</summary>
public sealed class RunProgressTests(PostgresServers servers) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder folder = new();
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private LocalBackupStore Store => new(folder.Path, clock);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_job_s_progress_is_in_its_record_at_most_once_in_five_seconds_and_gone_at_its_end()
    {
        await RecordAsync(async run =>
        {
            await EventuallyAsync(_ => true);
            var began = clock.GetUtcNow();
            run.Report(new RunProgress("dumping", "public.a", 10, 100, 0.1));
            clock.Advance(Pace - TimeSpan.FromMilliseconds(1));
            await Task.Delay(100, Cancelled);
            Assert.Null((await OnlyAsync()).Progress);

            var first = await EventuallyAsync(record => record.Progress is not null);
            Assert.Equal(("dumping", "public.a", 10L, 100L, 0.1), (first.Progress!.Phase, first.Progress.Table, first.Progress.StoredBytes, first.Progress.SqlBytes, first.Progress.Done));
            Assert.Equal((first.Progress.At - began) * 9, first.Progress.EndsAt - first.Progress.At);

            run.Report(new RunProgress("dumping", "public.b", 20, 200, 0.2));
            run.Report(new RunProgress("comparing"));
            var second = await EventuallyAsync(record => record.Progress?.Phase == "comparing");
            Assert.Null(second.Progress!.EndsAt);
        });

        var ended = await OnlyAsync();
        Assert.Equal((RunStatus.Succeeded, null), (ended.Status, ended.Progress));
    }

    [Fact]
    public async Task A_job_that_reports_nothing_new_is_not_written_again_before_its_five_minutes()
    {
        await RecordAsync(async run =>
        {
            var first = await EventuallyAsync(_ => true);
            for (var i = 0; i < 59; i++)
            {
                clock.Advance(Pace);
                await Task.Delay(5, Cancelled);
            }

            Assert.Equal(first.AliveUntil, (await OnlyAsync()).AliveUntil);
            await EventuallyAsync(record => record.AliveUntil > first.AliveUntil);
        });
    }

    [Fact]
    public async Task A_backup_tells_its_table_and_its_bytes_while_it_runs()
    {
        var database = await servers.NewDatabaseAsync(18, "create table t as select n, repeat('x', 100) as filler from generate_series(1, 20000) n");
        using var clients = new PostgresClients(new DatabaseSettings());
        var job = new BackupJob(new BackupSettings(), new MigrationSettings(), clients, new RunJournal(clock, NullLogger<RunJournal>.Instance), TimeProvider.System);
        RunRecord? seen = null;
        // Called within the dump: what is waited for here is written meanwhile.
        var watcher = new Watcher(() =>
        {
            seen ??= EventuallyAsync(record => record.Progress is { StoredBytes: > 0 }).GetAwaiter().GetResult();
        });

        await job.RunAsync(new BackupRequest(database, BackupKind.Manual, [Store], Triggers.Command), watcher, Cancelled);

        Assert.Equal((RunStatus.Running, "dumping"), (seen!.Status, seen.Progress!.Phase));
        Assert.Null((await OnlyAsync()).Progress);
    }

    [Fact]
    public async Task Runs_shows_what_runs_now_and_follow_ends_as_the_run_does()
    {
        var run = new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance).Start(JobNames.Restore, Triggers.Queue, null) with { Id = "asked-for" };
        Dictionary<string, string> settings = new() { ["BACKUP_DIR"] = folder.Path, ["BACKUP_STORE"] = "local" };
        var follow = CommandProcess.RunAsync(settings, "runs", "asked-for", "--follow");
        var now = TimeProvider.System.GetUtcNow();
        await WriteAsync(run with { AliveUntil = now.AddMinutes(15), Progress = new RunProgress("loading", "public.\"<b>\e[31m\"", 5_000_000, 20_000_000, 0.4) { At = now, EndsAt = now.AddSeconds(30) } });

        var listed = (await CommandProcess.RunAsync(settings, "runs")).EndedWith(ExitCodes.Done);
        Assert.Matches("running.*loading +40%", listed.Output);
        Assert.DoesNotContain('\e', listed.Output);
        var shown = (await CommandProcess.RunAsync(settings, "runs", "--json")).EndedWith(ExitCodes.Done).Json.GetProperty("runs")[0].GetProperty("progress");
        Assert.Equal(0.4, shown.GetProperty("done").GetDouble());
        Assert.False(follow.IsCompleted);

        await WriteAsync(run with { Status = RunStatus.Failed, FinishedAt = now.AddSeconds(31), Error = "The server is gone.", Hint = "start it.", ExitCode = 1 });
        var followed = (await follow).EndedWith(1);
        Assert.Contains("loading", followed.Errors, StringComparison.Ordinal);
        Assert.Contains("The server is gone.", followed.Output, StringComparison.Ordinal);
        (await CommandProcess.RunAsync(settings, "runs", "--follow")).FailedWith(4, "No job runs now.");
    }

    [Fact]
    public async Task Runs_of_long_ago_come_after_those_of_late_however_few_of_either_there_are()
    {
        foreach (var days in new[] { 400, 90, 31, 29, 2, 0 })
            await WriteAsync(new RunRecord { Id = $"d{days}", Job = days == 2 ? JobNames.Verify : JobNames.Backup, Trigger = Triggers.Timer, Status = RunStatus.Succeeded, StartedAt = clock.GetUtcNow().AddDays(-days), ToolVersion = "1" });

        Assert.Equal(["d0", "d2"], await IdsAsync(0, 2, _ => true));
        Assert.Equal(["d29", "d31"], await IdsAsync(2, 2, _ => true));
        Assert.Equal(["d90", "d400"], await IdsAsync(4, 100, _ => true));
        Assert.Equal(["d31", "d90"], await IdsAsync(2, 2, run => run.Job == JobNames.Backup));
        Assert.Equal(["d400"], await IdsAsync(0, 1, run => run.Id == "d400"));
        Assert.Empty(await IdsAsync(6, 1, _ => true));

        async Task<IEnumerable<string>> IdsAsync(int offset, int most, Func<RunName, bool> chooses) =>
            (await new RunHistory(clock).ListAsync([Store], offset, most, chooses, Cancelled)).Runs.Select(run => run.Id);
    }

    private Task<bool> RecordAsync(Func<IProgress<RunProgress>, Task> job)
    {
        var journal = new RunJournal(clock, NullLogger<RunJournal>.Instance);
        return journal.RecordAsync([Store], journal.Start(JobNames.Backup, Triggers.Command, null), async run =>
        {
            await job(run);
            return true;
        }, (record, _) => record, Cancelled);
    }

    private Task WriteAsync(RunRecord record) => Store.ReplaceAsync(record.ObjectName, Json.ToUtf8(record), Cancelled);

    private async Task<RunRecord> OnlyAsync()
    {
        var (runs, failures) = await new RunHistory(clock).ListAsync([Store], 10, _ => true, Cancelled);
        Assert.Empty(failures);
        return Assert.Single(runs);
    }

    private async Task<RunRecord> EventuallyAsync(Func<RunRecord, bool> holds)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (runs, _) = await new RunHistory(clock).ListAsync([Store], 10, _ => true, Cancelled);
            if (runs is [var run] && holds(run)) return run;
            Assert.True(attempt < 200, "The record does not come to that.");
            // Only from the second look on: the first record is written before any waiting begins.
            if (runs.Count > 0) clock.Advance(Pace);
            await Task.Delay(20, Cancelled);
        }
    }

    private sealed class Watcher(Action report) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value)
        {
            if (value.StoredBytes > 0) report();
        }
    }
}
