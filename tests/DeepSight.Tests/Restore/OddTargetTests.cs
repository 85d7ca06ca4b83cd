using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>Targets with what few databases have.</summary>
public sealed class OddTargetTests(PostgresServers servers)
{
    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task A_role_that_may_have_few_connections_ends_with_a_word_and_leaves_nothing()
    {
        using var world = new RestoreWorld();
        var (super, target) = await servers.NewOwnedAsync("createdb");
        await world.BackUpAsync(target);
        var before = await DumpFiles.SummarizeAsync(super);
        for (var limit = 0; limit <= 3; limit++)
        {
            await super.ExecuteAsync($"alter role {target.User} connection limit {limit}");
            foreach (var job in new Func<Task>[] { () => world.BackUpAsync(target), () => world.RestoreAsync(world.Over(target)) })
                if (await Record.ExceptionAsync(job) is { } failure)
                    Assert.True(failure is DeepSightException { Hint: not null } && failure.Message.Contains("connection", StringComparison.Ordinal), failure.ToString());
        }

        await super.ExecuteAsync($"alter role {target.User} connection limit -1");
        Assert.Empty(await RestoreWorld.LeftoversAsync(super));
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(super)).Differences);
    }

    [Theory]
    [Trait(Matrix.Runs, Matrix.Full)]
    [InlineData(15, "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'")]
    [InlineData(17, "encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'")]
    [InlineData(15, "locale_provider icu icu_locale 'de-u-co-phonebk' lc_collate 'C' lc_ctype 'C'")]
    [InlineData(16, "locale_provider icu icu_locale 'und' icu_rules '& V << w <<< W'")]
    [InlineData(18, "locale_provider icu icu_locale 'sv-SE'")]
    [InlineData(17, "locale_provider builtin builtin_locale 'C.UTF-8'")]
    [InlineData(18, "locale_provider builtin builtin_locale 'PG_UNICODE_FAST'")]
    public async Task Encoding_and_collation_stay(int major, string shape)
    {
        using var world = new RestoreWorld();
        var server = await servers.GetAsync(major);
        var target = server.Url.WithDatabase("Odd \"one\" é' " + Guid.NewGuid().ToString("n")[..8]);
        await server.Url.ExecuteAsync($"create database \"{target.Database.Replace("\"", "\"\"")}\" template template0 {shape}");
        await target.ExecuteAsync(DumpFiles.Sample + "insert into users (name) values ('Müller é');");
        const string kept = "select string_agg(key || value, ',' order by key) from pg_database d, jsonb_each_text(to_jsonb(d)) where datname = current_database() and key ~ 'encoding|locale|collate|ctype|rules|provider|collversion'";
        var before = await target.AskAsync<string>(kept);
        await world.BackUpAsync(target);
        var whole = await DumpFiles.SummarizeAsync(target);
        await target.ExecuteAsync("delete from videos");

        await world.RestoreAsync(world.Over(target));
        Assert.Equal((before, true), (await target.AskAsync<string>(kept), DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(target)).AreEqual));
        await world.UndoAsync(target);
        Assert.Equal(0, await target.AskAsync<long>("select count(*) from videos"));
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));
        Assert.Equal([], DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(target)).Differences);
    }

    /// <summary>As PostGIS, pg_partman and pg_cron have them: the dump holds their rows, and emptying keeps the extension.</summary>
    [Fact]
    public async Task Rows_of_an_extensions_configuration_are_not_there_twice_after_a_restore_in_place()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17,
            """
            create extension hstore;
            create table config (id int, own boolean); create table registry (id int primary key, name text);
            alter extension hstore add table config; alter extension hstore add table registry;
            update pg_extension set extconfig = array['config'::regclass::oid, 'registry'::regclass::oid], extcondition = array['WHERE own', ''] where extname = 'hstore';
            insert into config values (1, false), (2, true); insert into registry values (1, 'one');
            """);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("insert into config values (3, true); update registry set name = 'other'");

        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));

        Assert.Equal("1 2", await target.AskAsync<string>("select string_agg(id::text, ' ' order by id) from config"));
        Assert.Equal("one", await target.AskAsync<string>("select string_agg(name, ' ') from registry"));
    }

    [Fact]
    public async Task Casts_and_access_methods_that_lie_in_no_schema_are_restored_in_place()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, "create cast (bigint as boolean) with inout; create access method mine type table handler heap_tableam_handler; create table t using mine as select 1 as a");
        await world.BackUpAsync(target);

        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));

        Assert.Equal(2, await target.AskAsync<long>("select (select count(*) from pg_cast where oid >= 16384) + (select count(*) from pg_am where oid >= 16384)"));
    }

    [Theory]
    [InlineData("select lo_create(0) from generate_series(1, 30000)")]
    [InlineData("do $$ begin for i in 1..25000 loop execute 'create function f' || i || '() returns int language sql as ''select 1'''; end loop; end $$")]
    public async Task More_to_drop_than_the_server_has_locks_is_refused_before_anything_is_touched(string many)
    {
        using var world = new RestoreWorld();
        await using var server = await PostgresServers.StartAnotherAsync(17, new Dictionary<string, string> { ["max_connections"] = "20", ["max_locks_per_transaction"] = "10", ["max_prepared_transactions"] = "0" });
        await server.Url.ExecuteAsync("create database app");
        var target = server.Url.WithDatabase("app");
        await target.ExecuteAsync("create table t as select 1 as a");
        await world.BackUpAsync(target);
        foreach (var _ in Enumerable.Range(0, many.StartsWith("do", StringComparison.Ordinal) ? 0 : 1)) await target.ExecuteAsync(many);
        if (many.StartsWith("do", StringComparison.Ordinal))
            for (var from = 0; from < 25; from++) await target.ExecuteAsync(many.Replace("1..25000", $"{(from * 200) + 1}..{(from + 1) * 200}", StringComparison.Ordinal));

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target))));

        Assert.Equal((FailureKind.Refused, 1), (thrown.Kind, await target.AskAsync<int>("select a from t")));
        Assert.Contains("locks", thrown.Message);
    }

    /// <summary>What the application has in a schema of our name is its data, and comes back as all else.</summary>
    [Theory]
    [MemberData(nameof(RestoreJobTests.Modes), MemberType = typeof(RestoreJobTests))]
    public async Task A_schema_of_our_name_that_the_application_uses_is_restored(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, "create schema deepsight; create table deepsight.probes as select generate_series(1, 3) as id; create view deepsight.latest as select max(id) from deepsight.probes");
        await world.BackUpAsync(target);
        await world.RestoreAsync(world.Over(target));
        await target.ExecuteAsync("delete from deepsight.probes; create table deepsight.stray (a int)");

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)));

        var restored = target.WithDatabase(result.Plan.ResultName);
        Assert.Equal((3, 0), (await restored.AskAsync<long>("select count(*) from deepsight.probes"), await restored.AskAsync<long>("select count(*) from pg_class where relname = 'stray'")));
        Assert.Equal(mode == RestoreMode.InPlace ? 2 : 1, await restored.AskAsync<long>("select count(*) from deepsight.restores"));
    }

    [Fact]
    public async Task The_maintenance_database_itself_is_restored_in_place_and_never_swapped()
    {
        using var world = new RestoreWorld();
        await using var server = await PostgresServers.StartAnotherAsync(17);
        var target = server.Url.WithDatabase("postgres");
        await target.ExecuteAsync(DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target)));
        Assert.Equal(FailureKind.Refused, thrown.Kind);
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));

        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task A_grant_that_an_older_server_does_not_know_is_told_and_the_restore_is_kept()
    {
        using var world = new RestoreWorld();
        var origin = await servers.NewDatabaseAsync(17, "create table t as select 1 as a; grant select, maintain on t to pg_monitor");
        await world.BackUpAsync(origin);
        var target = await servers.NewDatabaseAsync(15);

        var result = await world.RestoreAsync(world.Over(target));

        Assert.Equal(1, await target.AskAsync<int>("select a from t"));
        Assert.Contains(result.Notes, note => note.Contains("could not be set", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Materialized_views_upon_one_another_and_unfilled_ones_are_restored()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample +
            """
            create materialized view z as select count(*) as n from videos; create materialized view a as select n + 1 as n from z;
            create materialized view empty as select 1 as one with no data; create unique index on a (n);
            """);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos; refresh materialized view z; refresh materialized view a");

        await world.RestoreAsync(world.Over(target));

        Assert.Equal(3001, await target.AskAsync<long>("select n from a"));
        Assert.False(await target.AskAsync<bool>("select relispopulated from pg_class where relname = 'empty'"));
    }
}
