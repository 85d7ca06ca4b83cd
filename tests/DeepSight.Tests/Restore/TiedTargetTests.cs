using System.Text;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>Replication, roles and limits around a target, in every mode.</summary>
public sealed class TiedTargetTests(PostgresServers servers)
{
    public static TheoryData<RestoreMode> Modes => RestoreJobTests.Modes;

    [Theory]
    [Trait(Matrix.Runs, Matrix.Full)]
    [MemberData(nameof(Modes))]
    public async Task A_slot_a_subscription_an_event_trigger_and_read_only_by_default_end_in_the_content_of_the_backup(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var name = "n" + Guid.NewGuid().ToString("n")[..8];
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample +
            $"""
            create publication everything for all tables;
            create function nothing() returns event_trigger language plpgsql as 'begin end';
            create event trigger watch on ddl_command_end execute function nothing();
            create extension hstore;
            create subscription {name} connection 'host=127.0.0.1 port=1' publication p with (connect = false, slot_name = none);
            """);
        await target.ExecuteAsync($"select pg_create_logical_replication_slot('{name}', 'pgoutput')");
        await world.BackUpAsync(target);
        var whole = await DumpFiles.SummarizeAsync(target);
        await target.ExecuteAsync($"delete from videos; alter database {target.Database} set default_transaction_read_only = on");

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target) with { DropReplication = mode == RestoreMode.Swap }));

        Assert.Equal([], DumpComparison.Of(whole, await DumpFiles.SummarizeAsync(target.WithDatabase(result.Plan.ResultName))).Differences);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
        Assert.Equal("on", await target.AskAsync<string>("show default_transaction_read_only"));
        var tied = await target.AskAsync<long>($"select (select count(*) from pg_replication_slots where slot_name = '{name}') + (select count(*) from pg_subscription where subname = '{name}')");
        Assert.Equal(mode == RestoreMode.Swap ? 0 : 2, tied);
        if (tied > 0) await target.ExecuteAsync($"select pg_drop_replication_slot('{name}')");
    }

    /// <summary>As pg_dump without --no-subscriptions writes it. A database can't be dropped while it has one.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_dump_that_makes_a_subscription_is_restored_or_leaves_nothing(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        const string subscription = "CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = 'feed');\n";
        var good = await SourceAsync(target, subscription);
        var bad = await SourceAsync(target, subscription + "CREATE INDEX broken ON public.nowhere (id);\n");
        await target.ExecuteAsync("delete from videos where id > 10");
        var before = await DumpFiles.SummarizeAsync(target);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, bad, RestoreJobTests.Options(mode, target))));
        Assert.Equal(FailureKind.Failed, thrown.Kind);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));

        var result = await world.RestoreAsync(world.Over(target, good, RestoreJobTests.Options(mode, target)));
        var restored = target.WithDatabase(result.Plan.ResultName);
        Assert.Equal(3000, await restored.AskAsync<long>("select count(*) from videos"));
        Assert.False(await restored.AskAsync<bool>("select subenabled from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())"));
    }

    /// <summary>pg_dump writes none that reaches for another server.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_subscription_that_would_connect_is_refused_and_leaves_nothing(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var source = await SourceAsync(target, "CREATE SUBSCRIPTION feed CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p;\n");
        await target.ExecuteAsync("delete from videos where id > 10");
        var before = await DumpFiles.SummarizeAsync(target);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, source, RestoreJobTests.Options(mode, target))));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    [Fact]
    public async Task What_RESTORE_SCHEMAS_leaves_there_and_the_backup_has_too_is_refused_beforehand()
    {
        using var world = new RestoreWorld { Settings = new RestoreSettings { Schemas = ["public"] } };
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos where id > 10");
        var before = await DumpFiles.SummarizeAsync(target);

        var objects = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target))));
        Assert.True(objects.Kind == FailureKind.Refused && objects.Message.Contains("large objects", StringComparison.Ordinal), objects.Message);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);

        // As the hint says.
        await target.ExecuteAsync("select lo_unlink(oid) from pg_largeobject_metadata");
        await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)));
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));

        var other = await servers.NewDatabaseAsync(17, "create schema vendor; create table vendor.own as select 1 as a; create table mine as select 1 as a");
        var source = await SourceAsync(other, "");
        var tables = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(other, source, RestoreJobTests.Options(RestoreMode.InPlace, other))));
        Assert.True(tables.Kind == FailureKind.Refused && tables.Message.Contains("vendor.own", StringComparison.Ordinal), tables.Message);
    }

    [Theory]
    [InlineData(RestoreMode.Swap)]
    [InlineData(RestoreMode.Into)]
    public async Task A_role_without_CREATEDB_is_refused_where_a_database_is_made(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var (target, owner) = await servers.NewOwnedAsync("");
        await world.BackUpAsync(owner);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(owner, RestoreJobTests.Options(mode, owner))));

        Assert.True(thrown.Kind == FailureKind.Refused && thrown.Message.Contains("may not create databases", StringComparison.Ordinal), thrown.Message);
        Assert.Contains("CREATEDB", thrown.Message + thrown.Hint, StringComparison.Ordinal);
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    [Theory]
    [InlineData(RestoreMode.Swap)]
    [InlineData(RestoreMode.Into)]
    public async Task A_role_that_does_not_own_the_tables_restores_them_and_is_told_whose_they_were(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var (target, owner) = await servers.NewOwnedAsync("createdb");
        var other = "x" + Guid.NewGuid().ToString("n")[..8];
        await target.ExecuteAsync($"create role {other}; alter table videos owner to {other}");
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");

        var result = await world.RestoreAsync(world.Over(owner, RestoreJobTests.Options(mode, owner)));

        Assert.Equal(3000, await target.WithDatabase(result.Plan.ResultName).AskAsync<long>("select count(*) from videos"));
        Assert.Contains(result.Notes, note => note.Contains("videos", StringComparison.Ordinal) || note.Contains(other, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(RestoreMode.InPlace)]
    [InlineData(RestoreMode.Into)]
    public async Task A_name_of_sixty_characters_is_restored(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var name = $"a name of sixty characters, all told {Guid.NewGuid():n}"[..60];
        var target = await servers.NewNamedAsync(name);
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");

        var options = mode == RestoreMode.Into ? new RestoreOptions { Force = true, Into = name[..59] + "x" } : RestoreJobTests.Options(mode, target);
        var result = await world.RestoreAsync(world.Over(target, options));

        Assert.Equal(3000, await target.WithDatabase(result.Plan.ResultName).AskAsync<long>("select count(*) from videos"));
    }

    [Theory]
    [InlineData(RestoreMode.InPlace)]
    [InlineData(RestoreMode.Into)]
    public async Task A_dump_of_a_newer_server_is_restored_on_an_older_one(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var origin = await servers.NewDatabaseAsync(18, DumpFiles.Sample);
        await world.BackUpAsync(origin);
        var target = await servers.NewDatabaseAsync(15);

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)));

        var differences = DumpComparison.Of(await DumpFiles.SummarizeAsync(origin), await DumpFiles.SummarizeAsync(target.WithDatabase(result.Plan.ResultName))).Differences;
        Assert.Equal([], differences.Where(difference => difference.Subject is not ("schema" or "values")));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Production_that_is_not_confirmed_is_not_contacted(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var production = DatabaseUrl.Parse("postgresql://app:secret@nowhere.proxy.rlwy.net:41234/app", "DATABASE_URL");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(production, RestoreJobTests.Options(mode, production))));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains("was not contacted", thrown.Message);
    }

    [Fact]
    public async Task A_backup_beforehand_that_fails_stops_a_restore_in_place_as_well()
    {
        using var world = new RestoreWorld();
        var (target, owner) = await servers.NewOwnedAsync("createdb");
        await world.BackUpAsync(owner);
        // Who is subject to row security can't dump the table, and owns it all the same.
        await owner.ExecuteAsync("delete from videos where id > 10; alter table videos enable row level security, force row level security");
        var before = await DumpFiles.SummarizeAsync(target);

        var options = RestoreJobTests.Options(RestoreMode.InPlace, owner) with { Force = false };
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(owner, options)));

        Assert.Contains("nothing was restored", thrown.Message);
        Assert.Contains("--skip-backup", thrown.Hint);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(target)).Differences);
    }

    private static async Task<DumpSource> SourceAsync(DatabaseUrl database, string atEnd)
    {
        var text = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(database));
        return await DumpFiles.FileAsync(DumpFiles.Gzip(Encoding.UTF8.GetBytes(text.Insert(text.LastIndexOf("--\n-- PostgreSQL database dump complete", StringComparison.Ordinal), atEnd + "\n"))));
    }
}
