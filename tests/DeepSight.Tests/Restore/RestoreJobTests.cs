using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

public sealed class RestoreJobTests(PostgresServers servers)
{
    public static TheoryData<RestoreMode> Modes => [RestoreMode.Swap, RestoreMode.InPlace, RestoreMode.Into];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Brings_back_the_content_of_the_backup(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        var before = await DumpFiles.SummarizeAsync(target);
        await target.ExecuteAsync("delete from videos; drop view long_videos; create table stray (a int); create schema strays; create table strays.t (a int)");

        var request = world.Over(target, Options(mode, target));
        var result = await world.RestoreAsync(request with { VerifyContent = true });

        var restored = target.WithDatabase(result.Plan.ResultName);
        Assert.Equal(5000, result.Rows);
        Assert.Equal([], DumpComparison.Of(before, await DumpFiles.SummarizeAsync(restored)).Differences);
        Assert.True(await restored.AskAsync<bool>("select reltuples = 3000 from pg_class where oid = 'videos'::regclass"));
        Assert.StartsWith("a restore of deepsight_", await restored.AskAsync<string>("select reason from deepsight.migration_hold"));
        Assert.Empty(await RestoreWorld.LeftoversAsync(target));
    }

    [Fact]
    public async Task A_swap_keeps_what_belongs_to_the_database_and_to_its_objects()
    {
        using var world = new RestoreWorld();
        var (target, roles) = await FurnishedAsync();
        await world.BackUpAsync(target);
        var furniture = await FurnitureAsync(target, roles);
        await DamageAsync(target);

        var result = await world.RestoreAsync(world.Over(target));

        Assert.Equal(furniture, await FurnitureAsync(target, roles));
        Assert.Empty(RestoreWorld.OwnNotes(result, target));
        Assert.Equal(2, await target.AskAsync<long>("select count(*) from app.t"));
        Assert.NotNull(result.Unavailable);
    }

    [Fact]
    public async Task In_place_keeps_owners_and_grants_as_well()
    {
        using var world = new RestoreWorld();
        var (target, roles) = await FurnishedAsync();
        await world.BackUpAsync(target);
        var furniture = await FurnitureAsync(target, roles);
        await DamageAsync(target);

        await world.RestoreAsync(world.Over(target, Options(RestoreMode.InPlace, target)));

        Assert.Equal(furniture, await FurnitureAsync(target, roles));
        Assert.Equal(2, await target.AskAsync<long>("select count(*) from app.t"));
    }

    [Fact]
    public async Task Grants_come_from_the_access_file_where_the_target_has_nothing()
    {
        using var world = new RestoreWorld();
        var (origin, roles) = await FurnishedAsync();
        await world.BackUpAsync(origin);
        var furniture = (await FurnitureAsync(origin, roles)).Where(line => line.StartsWith("object", StringComparison.Ordinal)).ToList();
        var empty = await servers.NewDatabaseAsync(17);

        await world.RestoreAsync(world.Over(empty));

        Assert.Equal(furniture, (await FurnitureAsync(empty, roles)).Where(line => line.StartsWith("object", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Undo_brings_back_what_a_swap_replaced_and_can_be_undone()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await target.ExecuteAsync($"comment on database {target.Database} is 'ours; don''t touch'");
        await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");
        var emptied = await DumpFiles.SummarizeAsync(target);
        await world.RestoreAsync(world.Over(target));

        await world.UndoAsync(target);
        Assert.True(DumpComparison.Of(emptied, await DumpFiles.SummarizeAsync(target)).AreEqual);
        Assert.Equal("ours; don't touch", await target.AskAsync<string>("select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"));

        await world.UndoAsync(target);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Fact]
    public async Task The_backup_before_a_restore_holds_what_was_there_and_is_never_the_latest()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var latest = await world.BackUpAsync(target);
        await target.ExecuteAsync("delete from videos");

        var result = await world.RestoreAsync(world.Over(target, new RestoreOptions()));

        Assert.StartsWith("pre-restore/deepsight_", result.PreRestoreBackup);
        Assert.Equal(latest.Name, (await world.Catalog.FindLatestAsync(TestContext.Current.CancellationToken))!.Name.ToString());
        var kept = await world.Catalog.ReadManifestAsync(BackupName.TryParse(result.PreRestoreBackup!, "deepsight")!, TestContext.Current.CancellationToken);
        Assert.Equal((BackupKind.PreRestore, 2000), (kept!.Kind, kept.Rows));
    }

    [Fact]
    public async Task Production_that_is_not_confirmed_is_not_contacted()
    {
        using var world = new RestoreWorld();
        var production = DatabaseUrl.Parse("postgresql://app:secret@nowhere.proxy.rlwy.net:41234/app", "DATABASE_URL");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(production)));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains("was not contacted", thrown.Message);
    }

    [Fact]
    public async Task Into_an_existing_database_is_refused()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, new RestoreOptions { Into = target.Database })));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
    }

    [Fact]
    public async Task A_target_that_is_gone_is_made_anew_by_into()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await world.BackUpAsync(target);
        await target.WithDatabase("postgres").ExecuteAsync($"drop database {target.Database} with (force)");

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target)));
        await world.RestoreAsync(world.Over(target, new RestoreOptions { Into = target.Database }));

        Assert.Contains($"--into {target.Database}", thrown.Hint);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    internal static RestoreOptions Options(RestoreMode mode, DatabaseUrl target) => mode switch
    {
        RestoreMode.InPlace => new RestoreOptions { Force = true, Mode = mode, Clean = true },
        RestoreMode.Into => new RestoreOptions { Force = true, Into = target.Database + "_copy" },
        _ => new RestoreOptions { Force = true },
    };

    private static async Task DamageAsync(DatabaseUrl target)
    {
        await using var connection = await target.OpenAsync();
        await connection.ExecuteAsync("set default_transaction_read_only = off");
        await connection.ExecuteAsync("truncate app.t; insert into app.t values (7, 7)");
    }

    /// <summary>A database with roles of its own and everything set that a database can have.</summary>
    private async Task<(DatabaseUrl Target, string Roles)> FurnishedAsync()
    {
        var roles = "r" + Guid.NewGuid().ToString("n")[..8];
        var target = await servers.NewDatabaseAsync(17);
        var name = target.Database;
        await target.ExecuteAsync(
            $"""
            create role {roles}_owner; create role {roles}_reader; create role "{roles} Odd"; create role {roles}_granter;
            alter database {name} owner to {roles}_owner;
            create schema app authorization {roles}_owner;
            create table app.t (a int, b int); insert into app.t values (1, 2), (3, 4);
            alter table app.t owner to {roles}_owner; grant usage on schema app to {roles}_granter;
            grant select (a) on app.t to "{roles} Odd";
            grant insert on app.t to {roles}_granter with grant option;
            set session authorization {roles}_granter; grant insert on app.t to {roles}_reader; reset session authorization;
            create function app.f(x int, y text default 'a, b OWNER TO z') returns int language sql as 'select 1';
            alter function app.f owner to {roles}_owner; revoke execute on function app.f from public; grant execute on function app.f to {roles}_reader;
            create aggregate app.agg(int) (sfunc = int4pl, stype = int); alter aggregate app.agg(int) owner to {roles}_owner;
            create operator app.=== (leftarg = int, rightarg = int, function = int4eq); alter operator app.=== (int, int) owner to {roles}_owner;
            create type app.e as enum ('a'); alter type app.e owner to {roles}_owner; grant usage on type app.e to "{roles} Odd";
            create sequence app.s; grant usage on sequence app.s to {roles}_reader;
            create view app.v as select 1 as one; alter view app.v owner to {roles}_owner;
            create materialized view app.mv as select 1 as one; alter materialized view app.mv owner to {roles}_owner;
            alter default privileges for role {roles}_owner in schema app grant select on tables to {roles}_reader;
            create publication p_{roles} for table app.t;
            select lo_create(815); alter large object 815 owner to {roles}_owner; grant select on large object 815 to {roles}_reader;
            comment on database {name} is 'a comment with ''quotes'' and \ and $$';
            alter database {name} connection limit 77;
            alter database {name} set search_path to "$user", app, public, "Odd one";
            alter database {name} set default_transaction_read_only = on;
            alter database {name} set app.custom = 'x, y';
            alter role {roles}_reader in database {name} set work_mem = '7MB';
            revoke connect on database {name} from public; grant connect on database {name} to {roles}_reader; grant create on database {name} to "{roles} Odd" with grant option;
            """);
        return (target, roles);
    }

    /// <summary>All of that, a line each, as the catalogues tell it.</summary>
    private static async Task<List<string>> FurnitureAsync(DatabaseUrl target, string roles)
    {
        await using var connection = await target.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(
            $"""
            set search_path = '';
            select 'database ' || pg_get_userbyid(datdba)::text || ' ' || encoding::text || datcollate::text || datctype::text || datconnlimit::text || coalesce(datacl::text, '') || coalesce(shobj_description(oid, 'pg_database'), '')
              from pg_database where datname = current_database()
            union all select 'setting ' || coalesce(pg_get_userbyid(nullif(setrole, 0))::text, '') || setconfig::text from pg_db_role_setting
                       where setdatabase = (select oid from pg_database where datname = current_database())
            union all select 'object ' || nspname::text || ' ' || pg_get_userbyid(nspowner)::text || coalesce(nspacl::text, '') from pg_namespace where nspname in ('app', 'public')
            union all select 'object ' || oid::regclass::text || pg_get_userbyid(relowner)::text || coalesce(relacl::text, '') from pg_class where relnamespace = 'app'::regnamespace
            union all select 'object column ' || attname::text || coalesce(attacl::text, '') from pg_attribute where attrelid = 'app.t'::regclass and attnum > 0
            union all select 'object ' || oid::regprocedure::text || pg_get_userbyid(proowner)::text || coalesce(proacl::text, '') from pg_proc where pronamespace = 'app'::regnamespace
            union all select 'object ' || oprname::text || pg_get_userbyid(oprowner)::text from pg_operator where oprnamespace = 'app'::regnamespace
            union all select 'object ' || oid::regtype::text || pg_get_userbyid(typowner)::text || coalesce(typacl::text, '') from pg_type where typnamespace = 'app'::regnamespace
            union all select 'object default ' || pg_get_userbyid(defaclrole)::text || defaclobjtype::text || defaclacl::text from pg_default_acl
            union all select 'object ' || pubname::text || pg_get_userbyid(pubowner)::text from pg_publication
            union all select 'object ' || oid::text || pg_get_userbyid(lomowner)::text || coalesce(lomacl::text, '') from pg_largeobject_metadata
            order by 1
            """, connection);
        await using var row = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await row.ReadAsync()) lines.Add(row.GetString(0));
        Assert.Contains(lines, line => line.Contains(roles));
        return lines;
    }
}
