using DeepSight.Core;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Running;

public sealed class ContentionTests(PostgresServers servers)
{
    private static readonly int Tries = Matrix.IsFull ? 50 : 6;

    [Fact]
    public async Task Of_two_runners_one_does_the_work_and_the_other_finds_nothing_to_do()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_t.sql", "create table t as select g as id from generate_series(1, 2000) g;"),
            ("up/0002_i.sql", "-- transaction: off\ncreate index concurrently t_id on t (id);"),
            ("up/0003_u.sql", "create table u (id int);"),
            ("up/0004_j.sql", "-- transaction: off\ncreate unique index concurrently u_id on u (id);"));
        for (var i = 0; i < Tries; i++)
        {
            var database = await servers.NewDatabaseAsync(i % 2 == 0 ? 17 : 15);

            var results = await Task.WhenAll(scripts.UpAsync(database), scripts.UpAsync(database));

            Assert.Equal([0, 4], results.Select(result => result.Scripts.Count).Order());
            Assert.Equal(4, await database.AskAsync<long>("select count(*) from roundhouse.scriptsrun"));
            Assert.Equal(2, await database.AskAsync<long>("select count(*) from pg_index where indisvalid and indexrelid::regclass::text in ('t_id', 'u_id')"));
        }
    }

    [Fact]
    public async Task A_dump_that_holds_a_lock_is_named_and_not_waited_for_in_silence()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_t.sql", "create table t (id int);")) { Settings = new() { LockTimeoutSeconds = 2, LockRetries = 0 } };
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Write("up/0002_more.sql", "create table u (id int);\nalter table t add more int;");
        await using var dump = await database.OpenAsync();
        await dump.ExecuteAsync("set application_name = 'pg_dump'; begin; lock table t in access share mode");

        var busy = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Equal(FailureKind.Busy, busy.Kind);
        Assert.Matches(@"^up/0002_more\.sql could not get a lock in 1 tries of 2 s: held by pg_dump \(pid \d+, since [0-9:]{8} UTC, as postgres\)\. Nothing of it was kept\.$", busy.Message);
        Assert.Contains(scripts.Steps, step => step.Kind == StepKind.Waiting && step.Detail!.StartsWith("pg_dump (pid ", StringComparison.Ordinal));
        Assert.False(await database.AskAsync<bool>("select to_regclass('u') is not null"));

        scripts.Settings = new() { LockTimeoutSeconds = 1, LockRetries = 20 };
        var second = scripts.UpAsync(database);
        while (!scripts.Steps.ToArray().Any(step => step.Kind == StepKind.Retrying)) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Contains("the lock was held by pg_dump (pid ", scripts.Steps.First(step => step.Kind == StepKind.Retrying).Detail, StringComparison.Ordinal);
        await dump.ExecuteAsync("commit");
        Assert.Equal("0002_more", ScriptsOnDisk.Names(await second));
    }

    [Fact]
    public async Task A_script_during_which_the_lock_is_lost_is_not_kept()
    {
        var database = await servers.NewDatabaseAsync(17);
        var key = JobLockKey.For(database.Database).Value;
        using var scripts = new ScriptsOnDisk(
            ("up/0001_t.sql", "create table t (id int);"),
            ("up/0002_u.sql",
                $"""
                create table u (id int);
                select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = {(uint)(key >>> 32)} and objid = {(uint)key};
                select pg_sleep(1.5);
                """));

        var lost = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.StartsWith($"The lock on '{database.Display}' was lost", lost.Message, StringComparison.Ordinal);
        Assert.Equal((true, true), (await database.AskAsync<bool>("select to_regclass('t') is not null"), await database.AskAsync<bool>("select to_regclass('u') is null")));
        Assert.Equal(1, await database.AskAsync<long>("select count(*) from roundhouse.scriptsrun"));
    }

    [Fact]
    public async Task A_backup_can_come_first_under_the_same_lock_and_only_if_there_is_something_to_do()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_t.sql", "create table t (id int);"));
        var database = await servers.NewDatabaseAsync(17);
        var calls = new List<bool>();
        var request = new UpRequest
        {
            BackupFirst = true,
            Backup = async (held, cancellationToken) =>
            {
                held.RequireCovers(database);
                calls.Add(await database.AskAsync<bool>("select to_regclass('t') is not null"));
                return "a";
            },
        };

        await scripts.Runner.UpAsync(database, request, null, TestContext.Current.CancellationToken);
        await scripts.Runner.UpAsync(database, request, null, TestContext.Current.CancellationToken);

        Assert.Equal([false], calls);
    }

    [Fact]
    public async Task A_run_can_be_part_of_another_job()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_t.sql", "create table t (id int);")) { Settings = new() { WaitMinutes = 0 } };
        var database = await servers.NewDatabaseAsync(17);
        await using var held = await JobLock.AcquireAsync(database, "backup", TimeSpan.Zero, TimeProvider.System, TestContext.Current.CancellationToken);

        var busy = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        Assert.Equal(FailureKind.Busy, busy.Kind);

        var result = await scripts.Runner.UpAsync(database, new UpRequest { Under = held }, null, TestContext.Current.CancellationToken);
        Assert.Single(result.Scripts);

        scripts.Settings = new() { WaitMinutes = 1 };
        var waiting = scripts.UpAsync(database);
        while (!scripts.Steps.ToArray().Any(step => step.Kind == StepKind.Waiting)) await Task.Delay(20, TestContext.Current.CancellationToken);
        await held.DisposeAsync();
        Assert.Empty((await waiting).Scripts);
        Assert.Matches(@"^deepsight backup \(.+\), since ", Assert.Single(scripts.Steps, step => step.Kind == StepKind.Waiting).Detail);
    }

    [Fact]
    public async Task A_duplicate_leaves_no_invalid_index_behind()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_t.sql", "create table t (id int); insert into t values (1), (1);"),
            ("up/0002_i.sql", "-- transaction: off\ncreate unique index concurrently t_id on t (id);"));
        var database = await servers.NewDatabaseAsync(17);

        var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        Assert.Contains("up/0002_i.sql, line 2, column 1: could not create unique index \"t_id\" (23505)", failed.Message, StringComparison.Ordinal);
        Assert.False(await database.AskAsync<bool>("select to_regclass('t_id') is not null"));
        Assert.Empty((await scripts.StateAsync(database)).Interrupted);

        await database.ExecuteAsync("delete from t where ctid = '(0,1)'");
        Assert.Equal("0002_i", ScriptsOnDisk.Names(await scripts.UpAsync(database)));
    }
}
