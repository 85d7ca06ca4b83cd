using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;
using Npgsql;

namespace DeepSight.Tests.Restore;

/// <summary>Targets that make a restore hard: each ends restored, or refused with the target as it was.</summary>
public sealed class HardTargetTests(PostgresServers servers)
{
    public static TheoryData<RestoreMode> Modes => RestoreJobTests.Modes;

    /// <summary>From every major to every major; by default four of them.</summary>
    public static TheoryData<int, int> MajorPairs
    {
        get
        {
            var pairs = (from source in PostgresServers.Majors from target in PostgresServers.Majors select (source.Data, target.Data)).ToArray();
            if (!Matrix.IsFull) new Random(4).Shuffle(pairs);
            return [.. Matrix.IsFull ? pairs : pairs[..4]];
        }
    }

    [Fact]
    public async Task A_long_name_is_swapped_and_swapped_back()
    {
        using var world = new RestoreWorld();
        var name = $"a name of sixty characters {Guid.NewGuid():n}"[..58] + "é";
        var target = await servers.NewNamedAsync(name);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");

        await world.RestoreAsync(world.Over(target));
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
        await world.UndoAsync(target);
        Assert.Equal(0, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Thousands_of_tables_are_restored_or_refused_before_anything_is_touched(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17);
        var count = await Targets.AddTablesAsync(target);
        await world.BackUpAsync(target);

        try
        {
            var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)));
            Assert.Equal(count, result.Tables);
            TestContext.Current.TestOutputHelper!.WriteLine($"{count} tables, {mode}: {result.Elapsed.TotalSeconds:0.0} s, {Environment.WorkingSet / 1048576} MiB");
        }
        catch (DeepSightException e) when (mode == RestoreMode.InPlace && count > 400)
        {
            Assert.Equal(FailureKind.Refused, e.Kind);
            Assert.Contains("locks", e.Message);
        }

        Assert.Equal(count, await target.AskAsync<long>("select count(*) from pg_tables where schemaname = 'public'"));
    }

    [Fact]
    public async Task Thousands_of_tables_are_restored_in_place_where_the_server_has_the_locks()
    {
        using var world = new RestoreWorld();
        await using var server = await PostgresServers.StartAnotherAsync(17, new Dictionary<string, string> { ["max_locks_per_transaction"] = "512" });
        await server.Url.ExecuteAsync("create database app");
        var target = server.Url.WithDatabase("app");
        var count = await Targets.AddTablesAsync(target);
        await world.BackUpAsync(target);
        var before = await DumpFiles.SummarizeAsync(target);
        await target.ExecuteAsync("drop table t2; delete from t1");

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));

        TestContext.Current.TestOutputHelper!.WriteLine($"{count} tables in place: {result.Elapsed.TotalSeconds:0.0} s, {Environment.WorkingSet / 1048576} MiB");
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
    }

    [Fact]
    public async Task A_role_that_may_not_create_databases_is_told_and_restores_in_place()
    {
        using var world = new RestoreWorld();
        var (target, owner) = await servers.NewOwnedAsync("");
        await world.BackUpAsync(owner);
        await owner.ExecuteAsync("delete from videos");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(owner)));
        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains("may not create databases", thrown.Message);

        var result = await world.RestoreAsync(world.Over(owner, RestoreJobTests.Options(RestoreMode.InPlace, owner)));
        Assert.Empty(RestoreWorld.OwnNotes(result, target));
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Fact]
    public async Task An_owner_with_createdb_swaps_without_being_superuser()
    {
        using var world = new RestoreWorld();
        var (target, owner) = await servers.NewOwnedAsync("createdb");
        await world.BackUpAsync(owner);
        await owner.ExecuteAsync("delete from videos");

        var result = await world.RestoreAsync(world.Over(owner));

        Assert.Empty(RestoreWorld.OwnNotes(result, target));
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Fact]
    public async Task What_the_role_does_not_own_is_not_dropped()
    {
        using var world = new RestoreWorld();
        var (target, owner) = await servers.NewOwnedAsync("createdb");
        await world.BackUpAsync(owner);
        await target.ExecuteAsync("create table others (a int)");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(owner, RestoreJobTests.Options(RestoreMode.InPlace, owner))));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains("public.others", thrown.Message);
    }

    [Fact]
    public async Task A_backup_beforehand_that_fails_stops_the_restore_unless_it_is_forced()
    {
        using var world = new RestoreWorld();
        var (target, owner) = await servers.NewOwnedAsync("createdb");
        await world.BackUpAsync(owner);
        await owner.ExecuteAsync("delete from videos");
        await target.ExecuteAsync("create table secrets (a int)");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(owner, new RestoreOptions())));
        Assert.Contains("nothing was restored", thrown.Message);
        Assert.Contains("--skip-backup", thrown.Hint);
        Assert.Equal(0, await target.AskAsync<long>("select count(*) from videos"));
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));

        var result = await world.RestoreAsync(world.Over(owner));
        Assert.Contains(result.Plan.Warnings, warning => warning.Contains("from the backup alone", StringComparison.Ordinal));
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Fact]
    public async Task A_subscription_keeps_a_swap_off_stays_in_place_and_is_dropped_where_that_is_asked_for()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var name = "s" + Guid.NewGuid().ToString("n")[..8];
        await target.ExecuteAsync($"create subscription {name} connection 'host=127.0.0.1 port=1' publication p with (connect = false, slot_name = none)");
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target)));
        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains(name, thrown.Message);
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));
        Assert.Equal((3000, 1), (await target.AskAsync<long>("select count(*) from videos"), await CountAsync()));
        await world.RestoreAsync(world.Over(target, new RestoreOptions { Force = true, DropReplication = true }));

        Assert.Equal(0, await CountAsync());

        Task<long> CountAsync() => target.AskAsync<long>($"select count(*) from pg_subscription where subname = '{name}'");
    }

    [Fact]
    public async Task Only_the_schemas_that_may_be_emptied_are()
    {
        using var world = new RestoreWorld { Settings = new RestoreSettings { Schemas = ["public"] } };
        var target = await servers.NewDatabaseAsync(17, "create table videos (id int, title text); insert into videos select n, 'video ' || n from generate_series(1, 3000) n");
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos; create schema vendor; create table vendor.own (a int); insert into vendor.own values (7)");

        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
        Assert.Equal(7, await target.AskAsync<int>("select a from vendor.own"));

        // What a cascade would take along of another schema stops it.
        await target.ExecuteAsync("create view vendor.of_videos as select * from public.videos; delete from videos where id > 5");
        await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target))));
        Assert.Equal(5, await target.AskAsync<long>("select count(*) from vendor.of_videos"));
    }

    [Theory]
    [InlineData(RestoreMode.Swap)]
    [InlineData(RestoreMode.Into)]
    public async Task An_extension_that_the_server_lacks_is_told_beforehand(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var name = BackupName.TryParse((await world.BackUpAsync(target)).Name, "deepsight")!;
        var manifest = (await world.Catalog.ReadManifestAsync(name, TestContext.Current.CancellationToken))! with { Extensions = ["timescaledb"] };
        await world.Store.ReplaceAsync(name.Manifest, Json.ToUtf8(manifest), TestContext.Current.CancellationToken);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target))));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains("timescaledb", thrown.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_pooler_in_between_is_refused(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync($"alter database {target.Database} set statement_timeout = '11s'; alter database {target.Database} set search_path = public");
        await using var bouncer = await PgBouncer.StartAsync(await servers.GetAsync(17), target.Database, "transaction");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(bouncer.Url, RestoreJobTests.Options(mode, bouncer.Url))));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains("DATABASE_DIRECT_URL", thrown.Hint);
        // Its connections are the application's: nothing was set on them.
        Assert.Equal(("11s", "public"), (await bouncer.Url.AskAsync<string>("show statement_timeout"), await bouncer.Url.AskAsync<string>("show search_path")));
    }

    [Fact]
    public async Task A_replication_slot_keeps_a_swap_off_until_it_may_be_dropped()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var slot = "s" + Guid.NewGuid().ToString("n")[..8];
        await target.ExecuteAsync($"select pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        await world.BackUpAsync(target);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target)));
        Assert.Contains(slot, thrown.Message);
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));
        await world.RestoreAsync(world.Over(target, new RestoreOptions { Force = true, DropReplication = true }));

        Assert.Equal(0, await target.AskAsync<long>($"select count(*) from pg_replication_slots where slot_name = '{slot}'"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Publications_event_triggers_and_extensions_in_public_come_back(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample +
            """
            create extension hstore; create table tags (id int, tag hstore); insert into tags values (1, 'a=>1');
            create extension file_fdw; create server files foreign data wrapper file_fdw;
            create publication everything for all tables;
            create function nothing() returns event_trigger language plpgsql as 'begin end';
            create event trigger watch on ddl_command_end execute function nothing();
            create collation german from "C"; create domain positive as int check (value > 0);
            create text search configuration plain (copy = simple);
            """);
        await world.BackUpAsync(target);
        var before = await DumpFiles.SummarizeAsync(target);

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)) with { VerifyContent = true });

        var difference = DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target.WithDatabase(result.Plan.ResultName)));
        Assert.Equal([], difference.Differences);
    }

    [Fact]
    public async Task Errors_are_passed_over_and_counted_where_that_is_asked_for()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("drop table videos cascade; delete from users where id > 1000; alter table users drop column note");

        var request = world.Over(target, new RestoreOptions { Force = true, Mode = RestoreMode.InPlace }) with { TolerateErrors = true };
        var result = await world.RestoreAsync(request);

        // The view and the table are back; the users' COPY failed as a whole, for want of a column, and so did what was there already.
        Assert.True(result.ToleratedErrors > 2);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
        Assert.Equal(1000, await target.AskAsync<long>("select count(*) from users"));
    }

    [Fact]
    public async Task Sessions_that_hold_locks_are_ended_by_a_swap_and_stop_a_restore_in_place()
    {
        using var world = new RestoreWorld { Settings = new RestoreSettings { LockTimeoutSeconds = 1 } };
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await using var holder = await target.OpenAsync();
        await holder.ExecuteAsync("begin");
        await holder.ExecuteAsync("lock table videos in access share mode");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target))));
        Assert.Contains("lock", thrown.Hint);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));

        await world.RestoreAsync(world.Over(target));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => holder.ExecuteAsync("select 1"));
    }

    [Fact]
    public async Task Clients_that_reconnect_in_a_loop_find_the_restored_database()
    {
        using var world = new RestoreWorld();
        await using var server = await PostgresServers.StartAnotherAsync(17, new Dictionary<string, string> { ["max_connections"] = "250" });
        await server.Url.ExecuteAsync("create database app");
        var target = server.Url.WithDatabase("app");
        await target.ExecuteAsync(DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Matrix.IsFull ? 200 : 25).Select(_ => Task.Run(() => ReconnectAsync(target, stop.Token))).ToList();

        var result = await world.RestoreAsync(world.Over(target));

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.NotNull(result.Unavailable);
        TestContext.Current.TestOutputHelper!.WriteLine($"{clients.Count} clients: unavailable for {result.Unavailable.Value.TotalSeconds:0.00} s of {result.Elapsed.TotalSeconds:0.00} s");
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    [Theory]
    [MemberData(nameof(MajorPairs))]
    public async Task Content_crosses_majors(int from, int to)
    {
        using var world = new RestoreWorld();
        var origin = await servers.NewDatabaseAsync(from, DumpFiles.Sample);
        await world.BackUpAsync(origin);
        var target = await servers.NewDatabaseAsync(to);

        await world.RestoreAsync(world.Over(target));

        var tables = DumpComparison.Of(await DumpFiles.SummarizeAsync(origin), await DumpFiles.SummarizeAsync(target)).Differences;
        Assert.Equal([], tables.Where(difference => difference.Subject is not ("schema" or "values")));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_dies_in_the_middle_leaves_the_target_as_it_was(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        await using var server = await PostgresServers.StartAnotherAsync(17);
        await server.Url.ExecuteAsync("create database victim");
        var target = server.Url.WithDatabase("victim");
        await target.ExecuteAsync(DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos where id > 10");
        var before = await DumpFiles.SummarizeAsync(target);
        var backends = $"select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'deepsight restore%'";
        var once = 0;
        var kill = new OnProgress(progress =>
        {
            // Every session of the restore goes, psql's among them, as in an immediate shutdown.
            if (progress.Phase == RestorePhase.Loading && progress.SqlBytes > 0 && Interlocked.Exchange(ref once, 1) == 0) server.Url.ExecuteAsync(backends).GetAwaiter().GetResult();
        });

        await Assert.ThrowsAnyAsync<Exception>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)), progress: kill));

        Assert.True(DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).AreEqual);
        await world.BackUpAsync(target);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    /// <summary>Behind the load, our own sessions are at work.</summary>
    [Theory]
    [InlineData(RestoreMode.Swap, RestorePhase.Granting)]
    [InlineData(RestoreMode.Swap, RestorePhase.Analyzing)]
    [InlineData(RestoreMode.Swap, RestorePhase.Publishing)]
    [InlineData(RestoreMode.Into, RestorePhase.Publishing)]
    [InlineData(RestoreMode.InPlace, RestorePhase.Analyzing)]
    public async Task Sessions_that_are_ended_at_any_step_are_told_and_leave_the_one_or_the_other(RestoreMode mode, RestorePhase phase)
    {
        using var world = new RestoreWorld();
        await using var server = await PostgresServers.StartAnotherAsync(17);
        await server.Url.ExecuteAsync("create database victim");
        var target = server.Url.WithDatabase("victim");
        await target.ExecuteAsync(DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos where id > 10");
        using var ended = new CancellationTokenSource();
        var ending = Task.CompletedTask;
        var end = new OnProgress(progress =>
        {
            if (progress.Phase == phase && ending.IsCompletedSuccessfully) ending = EndAsync();
        });

        string? told = null;
        try
        {
            await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)), progress: end);
        }
        catch (DeepSightException e)
        {
            told = e.Message;
        }

        await ended.CancelAsync();
        await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        TestContext.Current.TestOutputHelper!.WriteLine(told ?? "restored");
        var restored = mode == RestoreMode.Into ? await server.Url.AskAsync<bool>("select exists (select from pg_database where datname = 'victim_copy')") : await target.AskAsync<long>("select count(*) from videos") == 3000;
        Assert.Equal(told is null, restored);
        await world.BackUpAsync(target);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));

        async Task EndAsync()
        {
            await Task.Yield();
            for (var i = 0; i < 100 && !ended.IsCancellationRequested; i++)
                await server.Url.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'deepsight restore'");
        }
    }

    [Fact]
    public async Task A_session_that_is_ended_while_errors_are_passed_over_ends_the_restore()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var dump = await PausedDump.OfAsync(target);
        var source = await DumpFiles.FileAsync(dump.Sql);
        await target.ExecuteAsync("delete from videos");
        var request = world.Over(target, source, RestoreJobTests.Options(RestoreMode.InPlace, target)) with { TolerateErrors = true };

        var restoring = world.RestoreAsync(request);
        var pid = await dump.ReachedAsync();
        await target.ExecuteAsync($"select pg_terminate_backend({pid})");
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => restoring);

        await dump.EndAsync();
        Assert.Equal((FailureKind.Failed, 0), (thrown.Kind, await target.AskAsync<long>("select count(*) from videos")));
    }

    private static async Task ReconnectAsync(DatabaseUrl target, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await target.OpenAsync();
                while (!stop.IsCancellationRequested)
                {
                    await connection.AskAsync<long>("select count(*) from videos");
                    await Task.Delay(5, CancellationToken.None);
                }
            }
            catch (Exception e) when (e is NpgsqlException or DeepSightException)
            {
                // Ended by the swap; the next connection finds another database.
                await Task.Delay(10, CancellationToken.None);
            }
        }
    }
}
