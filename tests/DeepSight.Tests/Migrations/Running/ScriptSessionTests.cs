using DeepSight.Core;
using DeepSight.Core.Migrations.Running;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Running;

public sealed class ScriptSessionTests(PostgresServers servers)
{
    [Fact]
    public async Task A_script_runs_in_the_time_zone_of_the_database()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001.sql", "create table t (at timestamptz); insert into t values ('2026-07-01 00:00');"));
        var database = await servers.NewDatabaseAsync(17);
        await database.ExecuteAsync("do $$ begin execute format('alter database %I set timezone = ''Europe/Paris''', current_database()); end $$");

        await scripts.UpAsync(database);

        Assert.Equal("2026-06-30 22:00:00", await database.AskAsync<string>("select (at at time zone 'UTC')::text from t"));
    }

    [Fact]
    public async Task A_script_is_cut_as_the_databases_own_settings_read_its_strings()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001.sql", @"create table t (a text); insert into t values ('it\'s; here'); insert into t values ('b');"));
        var database = await servers.NewDatabaseAsync(17);
        await database.ExecuteAsync("do $$ begin execute format('alter database %I set standard_conforming_strings = off', current_database()); end $$");

        await scripts.UpAsync(database);

        Assert.Equal("it's; here,b", await database.AskAsync<string>("select string_agg(a, ',') from t"));
    }

    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task A_script_sees_nothing_that_the_one_before_left_in_the_session(int major)
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001.sql", """
                create table public.users (id int); create temp table users (id int); select pg_advisory_lock(42);
                prepare q as select 1; declare c cursor with hold for select 1;
                """),
            ("up/0002.sql", """
                insert into users values (1);
                create table seen as select (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())
                    + (select count(*) from pg_prepared_statements where from_sql) + (select count(*) from pg_cursors where name = 'c') n;
                """));
        var database = await servers.NewDatabaseAsync(major);

        await scripts.UpAsync(database);

        Assert.Equal(1, await database.AskAsync<long>("select count(*) from public.users"));
        Assert.Equal(0, await database.AskAsync<long>("select n from seen"));
    }

    [Fact]
    public async Task A_read_only_session_ends_with_its_script()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001.sql", "create table t (a int); set session characteristics as transaction read only;"),
            ("up/0002.sql", "insert into t values (1);"),
            ("up/0003.sql", "-- transaction: off\nset default_transaction_read_only = on;"),
            ("up/0004.sql", "insert into t values (2); insert into nowhere values (1);"));
        var database = await servers.NewDatabaseAsync(17);

        var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Contains("up/0004.sql, line 1", failed.Message, StringComparison.Ordinal);
        Assert.Equal(1, await database.AskAsync<long>("select count(*) from t"));
        Assert.Equal("Error", await database.AskAsync<string>("select status from roundhouse.version"));
    }

    [Fact]
    public async Task A_revision_whose_file_is_gone_stops_a_run_though_its_down_is_there()
    {
        using var scripts = new ScriptsOnDisk()
            .Revision("0001", "", "create table a ();", "drop table a;").Revision("0002", "", "create table b ();", "drop table b;");
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Delete("up/0002.sql");

        await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));
        await Assert.ThrowsAsync<DeepSightException>(() => scripts.DownAsync(database, "-1"));

        Assert.Equal("0002.sql", Assert.Single((await scripts.StateAsync(database)).Unknown).ScriptName);
    }

    [Fact]
    public async Task What_the_server_says_of_a_script_is_shown()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001.sql", """
                create table t (a int); create view v as select a from t; create table if not exists t (a int); drop table t cascade;
                do $$ begin raise warning 'careful' using hint = 'look'; end $$;
                """));

        var result = await scripts.UpAsync(await servers.NewDatabaseAsync(17));

        Assert.Equal(
            ["Notice up/0001.sql relation \"t\" already exists, skipping", "Notice up/0001.sql drop cascades to view v", "Warning up/0001.sql careful: look"],
            scripts.Steps.Where(step => step.Kind is StepKind.Notice or StepKind.Warning).Select(step => $"{step.Kind} {step.Script} {step.Detail}"));
        Assert.Equal(["up/0001.sql: careful: look"], result.Notes);
    }

    [Fact]
    public async Task A_run_that_fails_or_is_cancelled_names_what_ran_before_it()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001.sql", "create table a ();"), ("up/0002.sql", "create table b ();"), ("up/0003.sql", "select pg_sleep(60);"));
        var database = await servers.NewDatabaseAsync(17);
        using var stop = new CancellationTokenSource();
        var atTheThird = new Progress(step => { if (step is { Kind: StepKind.Running, Script: "up/0003.sql" }) stop.Cancel(); });

        var cancelled = await Assert.ThrowsAsync<CancelledMidwayException>(() => scripts.Runner.UpAsync(database, new UpRequest(), atTheThird, stop.Token));
        scripts.Write("up/0003.sql", "create table c ();").Write("up/0004.sql", "oops;");
        var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Equal("Ran before it and stays: up/0001.sql, up/0002.sql.", cancelled.Message);
        Assert.EndsWith("\nRan before it and stays: up/0003.sql.", failed.Message, StringComparison.Ordinal);
    }

    private sealed class Progress(Action<MigrationStep> report) : IProgress<MigrationStep>
    {
        public void Report(MigrationStep value) => report(value);
    }
}
