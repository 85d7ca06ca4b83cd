using DeepSight.Core.Postgres;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Running;

/// <summary>The command itself, killed with SIGKILL: whatever the moment, the next run goes on from there.</summary>
public sealed class KillTests(PostgresServers servers)
{
    private static readonly int Moments = Matrix.IsFull ? 20 : 4;

    [Fact]
    public async Task After_a_kill_at_any_moment_journal_and_schema_agree_and_the_next_run_ends_the_work()
    {
        using var scripts = new ScriptsOnDisk(("up/0000_big.sql", "create table big as select g as id, md5(g::text) as t from generate_series(1, 30000) g;"));
        for (var i = 1; i <= 12; i++)
            if (i % 4 == 0)
                scripts.Write($"up/{i:0000}_i.sql", $"-- transaction: off\ncreate index concurrently i{i} on big (t, id);");
            else
                scripts.Write($"up/{i:0000}_t.sql", $"create table t{i} (id int);\nselect pg_sleep(0.03);\ninsert into t{i} values ({i});");
        var random = new Random(20261123);

        var halfway = 0;
        for (var moment = 0; moment < Moments; moment++)
        {
            var database = await servers.NewDatabaseAsync(17);
            using var command = Start(scripts, database);
            await UntilThereAreAsync(database, moment * 13 / Moments, command);
            await Task.Delay(random.Next(60), TestContext.Current.CancellationToken);
            command.Kill();
            await EndOfBackendsAsync(database);

            var applied = await AppliedAsync(database);
            Assert.True(applied.Tables == applied.Journal, $"moment {moment}: tables {applied.Tables}, journal {applied.Journal}");
            if (applied.Journal.Length > 0) halfway++;

            await scripts.UpAsync(database);
            Assert.Equal(13, await database.AskAsync<long>("select count(*) from roundhouse.scriptsrun"));
            Assert.Equal(3, await database.AskAsync<long>("select count(*) from pg_index where indisvalid and indrelid = 'big'::regclass"));
            Assert.Equal("t1 t2 t3 t5 t6 t7 t9 t10 t11", (await AppliedAsync(database)).Tables);
            Assert.Empty((await scripts.StateAsync(database)).Interrupted);
        }

        Assert.NotEqual(0, halfway);
    }

    [Fact]
    public async Task An_invalid_index_that_a_kill_left_is_reported_and_mended()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_t.sql", "create table t (id int);"),
            ("up/0002_i.sql", "-- transaction: off\ncreate index concurrently if not exists t_id on t (id);"));
        scripts.Settings = new() { LockTimeoutSeconds = 60 };
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database, "0001_t");

        // A writer's open transaction keeps CONCURRENTLY waiting for as long as we like.
        await using var writer = await database.OpenAsync();
        await writer.ExecuteAsync("begin; insert into t values (1)");
        using (var command = Start(scripts, database))
        {
            while (!await database.AskAsync<bool>("select exists (select from pg_stat_progress_create_index where datname = current_database() and phase like 'waiting%')"))
                if (command.HasEnded) Assert.Fail((await command.EndAsync()).ToString());
                else await Task.Delay(20, TestContext.Current.CancellationToken);
            command.Kill();
        }

        await EndOfBackendsAsync(database);
        await writer.ExecuteAsync("commit");

        Assert.False(await database.AskAsync<bool>("select indisvalid from pg_index where indexrelid = 't_id'::regclass"));
        var state = await scripts.StateAsync(database);
        Assert.Equal(["0002_i"], state.Interrupted);
        Assert.Equal(["0002_i"], state.Pending.Select(revision => revision.Id));

        var mended = await scripts.UpAsync(database);

        Assert.Contains("up/0002_i.sql was cut off in an earlier run; it ran anew.", mended.Notes);
        Assert.Contains("up/0002_i.sql: the invalid index t_id, left by a try that was cut off, was dropped.", mended.Notes);
        Assert.True(await database.AskAsync<bool>("select indisvalid from pg_index where indexrelid = 't_id'::regclass"));
        Assert.Empty((await scripts.StateAsync(database)).Interrupted);
    }

    [Fact]
    public async Task Work_that_ended_after_the_kill_is_journaled_and_not_repeated()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_t.sql", "create table t (id int);"),
            ("up/0002_i.sql", "-- transaction: off\ncreate index concurrently t_id on t (id);"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        await database.ExecuteAsync(
            """
            delete from roundhouse.scriptsrun where script_name = '0002_i.sql';
            update roundhouse.revision_log set state = 'started', backend_pid = 1, backend_start = now() where revision = '0002_i';
            """);

        var result = await scripts.UpAsync(database);

        Assert.Empty(result.Scripts);
        Assert.Equal(["up/0002_i.sql was cut off after its work was done; the journal has it now."], result.Notes);
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
    }

    private static CommandProcess Start(ScriptsOnDisk scripts, DatabaseUrl database) => CommandProcess.Start(
        new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database.Whole(),
            ["MIGRATIONS_DIR"] = scripts.Root,
            ["MIGRATIONS_LOCK_TIMEOUT_SECONDS"] = "60",
            ["BACKUP_DIR"] = Path.Combine(scripts.Root, "backups"),
        }, "migrate", "up");

    /// <summary>By what the scripts have made, not by the clock: the moments are the same on a busy machine.</summary>
    private static async Task UntilThereAreAsync(DatabaseUrl database, int made, CommandProcess command)
    {
        await using var connection = await database.OpenAsync();
        while (!command.HasEnded && await connection.AskAsync<long>("select count(*) from pg_class where relname ~ '^(big|[ti][0-9]+)$'") < made)
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    /// <summary>The server notices within a second that nobody listens any more.</summary>
    private static async Task EndOfBackendsAsync(DatabaseUrl database)
    {
        while (await database.AskAsync<bool>("select exists (select from pg_stat_activity where application_name = 'deepsight migrate' and datname = current_database())"))
            await Task.Delay(50, TestContext.Current.CancellationToken);
    }

    private static async Task<(string Tables, string Journal)> AppliedAsync(DatabaseUrl database)
    {
        var journal = await database.AskAsync<bool>("select to_regclass('roundhouse.scriptsrun') is not null")
            ? await database.AskAsync<string>("select coalesce(string_agg('t' || substr(script_name, 1, 4)::int, ' ' order by script_name), '') from roundhouse.scriptsrun where script_name like '%_t.sql'")
            : "";
        return (await database.AskAsync<string>("select coalesce(string_agg(relname, ' ' order by substr(relname, 2)::int), '') from pg_class where relname ~ '^t[0-9]+$'"), journal);
    }
}
