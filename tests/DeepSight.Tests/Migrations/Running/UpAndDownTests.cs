using DeepSight.Core;
using DeepSight.Core.Migrations.Running;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Running;

public sealed class UpAndDownTests(PostgresServers servers)
{
    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task Up_applies_the_history_in_order_and_then_finds_nothing_to_do(int major)
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_users.sql", "create table users (id int primary key, name text);"),
            ("up/0002_mail.sql", "alter table users add mail text;\ncreate index on users (mail);"),
            ("views/names.sql", "create or replace view names as select name from users;"),
            ("beforeMigration/before.sql", "select 1;"),
            ("permissions/grants.sql", "grant select on names to public;"));
        var database = await servers.NewDatabaseAsync(major);

        var first = await scripts.UpAsync(database);
        var second = await scripts.UpAsync(database);

        Assert.Equal("beforeMigration/before.sql 0001_users 0002_mail views/names.sql permissions/grants.sql", ScriptsOnDisk.Names(first));
        Assert.Equal("beforeMigration/before.sql permissions/grants.sql", ScriptsOnDisk.Names(second));
        Assert.Null(first.Before);
        Assert.Equal("0002_mail", first.After);
        Assert.Equal(0, await database.AskAsync<long>("select count(*) from names"));
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
    }

    [Fact]
    public async Task A_database_whose_any_time_scripts_are_to_run_is_not_up_to_date()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_a.sql", "create table a (id int);"), ("down/0001_a.sql", "drop table a cascade;"), ("views/v.sql", "create or replace view v as select id from a;"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        Assert.True((await scripts.HealthAsync(database)).IsUpToDate);

        scripts.Write("views/v.sql", "create or replace view v as select id, 1 as one from a;");
        Assert.Equal("views/v.sql", Assert.Single((await scripts.StateAsync(database)).PendingScripts).Display);
        Assert.False((await scripts.StateAsync(database)).IsUpToDate);
        Assert.False((await scripts.HealthAsync(database)).IsUpToDate);

        await scripts.UpAsync(database);
        await scripts.DownAsync(database, "base");
        Assert.Single((await scripts.StateAsync(database)).PendingScripts);
    }

    [Fact]
    public async Task A_revision_without_statements_is_said_to_be_applied_and_the_way_out_is_named()
    {
        using var scripts = new ScriptsOnDisk().Revision("0001_a", "revision: a; down_revision:", "", "").Write("up/._0001_a.sql", "\u0005");
        var database = await servers.NewDatabaseAsync(17);

        Assert.Equal(
            ["up/._0001_a.sql is hidden, and no migration.", "up/0001_a.sql holds no statement: it counts as applied, and what is written into it later won't run here."],
            (await scripts.UpAsync(database)).Notes);
        scripts.Revision("0001_a", "revision: a; down_revision:", "create table a ();", "drop table a;");
        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Contains("`deepsight migrate stamp base` and `up`", refused.Hint, StringComparison.Ordinal);
        await new MigrationStamp(scripts.Effective, TimeProvider.System).StampAsync(database, new StampRequest(["base"]), null, CancellationToken.None);
        Assert.Equal("a", ScriptsOnDisk.Names(await scripts.UpAsync(database)));
    }

    [Fact]
    public async Task Each_revision_is_one_transaction_with_its_row()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_a.sql", "create table a (id int);"),
            ("up/0002_b.sql", "create table b (id int);\ncreate table a (id int);\ncreate table c (id int);"));
        var database = await servers.NewDatabaseAsync(17);

        var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        Assert.Contains("up/0002_b.sql, line 2, column 1: relation \"a\" already exists (42P07)", failed.Message, StringComparison.Ordinal);
        Assert.Equal("0001_a.sql", await database.AskAsync<string>("select string_agg(script_name, ' ' order by id) from roundhouse.scriptsrun"));
        Assert.False(await database.AskAsync<bool>("select to_regclass('b') is not null"));
        Assert.Equal("0002_b.sql: create table a (id int)", await database.AskAsync<string>("select script_name || ': ' || erroneous_part_of_script from roundhouse.scriptsrunerrors"));
        Assert.Equal("Error", await database.AskAsync<string>("select status from roundhouse.version"));
    }

    [Theory]
    [InlineData("selec 1;\nselect 2;\nselect 3;", 1, 1)]
    [InlineData("select 1;\n  select 'äö😀', nothing;\nselect 3;", 2, 17)]
    [InlineData("select 1;\nselect 2;\n\n-- last\nselect no_such_function(\n  'x', 1);", 5, 8)]
    public async Task An_error_says_where_with_a_caret(string sql, int line, int column)
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", sql));
        var database = await servers.NewDatabaseAsync(17);

        var failed = await Assert.ThrowsAsync<DeepSightException>(() => scripts.UpAsync(database));

        var lines = failed.Message.Split('\n');
        Assert.StartsWith($"up/0001_a.sql, line {line}, column {column}: ", lines[0], StringComparison.Ordinal);
        Assert.Equal($"  {line} | {sql.Split('\n')[line - 1]}", lines[1]);
        Assert.Equal($"  {line} | ".Length + column - 1, lines[2].IndexOf('^'));
    }

    [Fact]
    public async Task Down_undoes_and_up_brings_views_back_that_went_with_a_table()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_a.sql", "create table a (id int);"), ("down/0001_a.sql", "drop table a;"),
            ("up/0002_b.sql", "create table b (id int);"), ("down/0002_b.sql", "drop table b cascade;"),
            ("views/b_view.sql", "create or replace view b_view as select id from b;"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);

        var down = await scripts.DownAsync(database, "-1");
        Assert.Equal("0002_b", ScriptsOnDisk.Names(down));
        Assert.Equal("0001_a", down.After);
        Assert.Equal("0001_a", (await scripts.StateAsync(database)).CurrentRevision);
        Assert.Contains("a down to -1 on ", (await scripts.StateAsync(database)).Hold, StringComparison.Ordinal);

        Assert.Equal("0002_b views/b_view.sql", ScriptsOnDisk.Names(await scripts.UpAsync(database)));
        Assert.Null((await scripts.StateAsync(database)).Hold);
        Assert.Equal(0, await database.AskAsync<long>("select count(*) from b_view"));
        Assert.Equal("up up down up", await database.AskAsync<string>("select string_agg(action, ' ' order by id) from roundhouse.revision_log"));
    }

    [Fact]
    public async Task What_cannot_be_undone_stops_a_down_before_anything_runs()
    {
        using var scripts = new ScriptsOnDisk()
            .Revision("0001_a", "", "create table a (id int);", "drop table a;")
            .Revision("0002_b", "irreversible: it drops a column", "create table b (id int);", null)
            .Revision("0003_c", "", "create table c (id int);", "drop table c;");
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.DownAsync(database, "base"));

        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains("0002_b can't be undone: it drops a column. Nothing was changed.", refused.Message, StringComparison.Ordinal);
        Assert.True(await database.AskAsync<bool>("select to_regclass('c') is not null"));
        Assert.Null((await scripts.StateAsync(database)).Hold);
    }

    [Fact]
    public async Task Other_folders_run_only_when_the_head_is_reached()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_a.sql", "create table a (id int);"),
            ("up/0002_b.sql", "create table b (id int);"),
            ("views/b_view.sql", "create or replace view b_view as select id from b;"));
        var database = await servers.NewDatabaseAsync(17);

        Assert.Equal("0001_a", ScriptsOnDisk.Names(await scripts.UpAsync(database, "+1")));
        Assert.Equal("0002_b views/b_view.sql", ScriptsOnDisk.Names(await scripts.UpAsync(database, "+1")));
    }

    [Fact]
    public async Task Folders_run_in_RoundhousEs_order_and_any_time_scripts_when_their_text_changed()
    {
        string[] order = ["beforeMigration", "alterDatabase", "runAfterCreateDatabase", "runBeforeUp", "up", "runFirstAfterUp", "functions", "views",
            "sprocs", "triggers", "indexes", "runAfterOtherAnyTimeScripts", "permissions", "afterMigration"];
        using var scripts = new ScriptsOnDisk([.. order.Reverse().Select(folder => ($"{folder}/{folder}_1.sql", "select 1;"))]);
        var database = await servers.NewDatabaseAsync(17);

        Assert.Equal(order.Select(folder => $"{folder}/{folder}_1.sql"), (await scripts.UpAsync(database)).Scripts.Select(script => script.Script));

        scripts.Write("views/views_1.sql", "select 2;").Write("alterDatabase/alterDatabase_1.sql", "alter database {{databasename}} set work_mem = '5MB';");
        Assert.Equal(
            ["beforeMigration/beforeMigration_1.sql", "alterDatabase/alterDatabase_1.sql", "views/views_1.sql", "permissions/permissions_1.sql", "afterMigration/afterMigration_1.sql"],
            (await scripts.UpAsync(database)).Scripts.Select(script => script.Script));
        Assert.Equal("5MB", await database.AskAsync<string>("show work_mem"));
    }

    [Fact]
    public async Task Files_for_another_environment_stay_out()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_a.sql", "create table a (id int);"),
            ("up/0002_data.ENV.TEST.sql", "insert into a values (1);"),
            ("up/0003_data.ENV.PROD.sql", "insert into a values (2);"),
            ("up/0004_token.sql", "insert into a values ({{number}}); -- {{unknown}}"))
        {
            Settings = new() { Environments = ["test"], Tokens = ["Number=7"] },
        };
        var database = await servers.NewDatabaseAsync(17);

        await scripts.UpAsync(database);

        Assert.Equal("1,7", await database.AskAsync<string>("select string_agg(id::text, ',' order by id) from a"));
        Assert.Equal("insert into a values (7); -- {{unknown}}", await database.AskAsync<string>("select text_of_script from roundhouse.scriptsrun where script_name like '0004%'"));
        scripts.Settings = new() { Environments = ["PROD"], Tokens = ["Number=7"] };
        Assert.False((await scripts.StateAsync(database)).HasDrift);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_run_and_touches_nothing()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"), ("views/v.sql", "create view v as select 1;"));
        var database = await servers.NewDatabaseAsync(17);

        var foretold = await scripts.UpAsync(database, dryRun: true);

        Assert.True(foretold.DryRun);
        Assert.Contains("--schema=roundhouse", Assert.Single(foretold.Notes), StringComparison.Ordinal);
        Assert.Equal("0001_a views/v.sql", ScriptsOnDisk.Names(foretold));
        Assert.Equal(0, await database.AskAsync<long>("select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname !~ '^pg_|information_schema'"));
    }

    [Fact]
    public async Task What_a_script_sets_does_not_reach_the_next()
    {
        using var scripts = new ScriptsOnDisk(
            ("up/0001_a.sql", "create role {{DatabaseName}}_other; set search_path = ''; set role {{DatabaseName}}_other; set lock_timeout = 0;"),
            ("up/0002_b.sql", "create table b as select current_user as who, current_setting('lock_timeout') as waits;"));
        var database = await servers.NewDatabaseAsync(17);

        await scripts.UpAsync(database);

        Assert.Equal("postgres 5s", await database.AskAsync<string>("select who || ' ' || waits from public.b"));
        await database.ExecuteAsync($"drop role {database.Database}_other");
    }
}
