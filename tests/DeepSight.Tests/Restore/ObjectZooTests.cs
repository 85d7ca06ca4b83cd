using System.Text;
using DeepSight.Core;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>Every class of object that a dump can hold comes back in every mode, as pg_dump words it.</summary>
public sealed class ObjectZooTests(PostgresServers servers)
{
    public static TheoryData<int, RestoreMode> Cases =>
        [.. from major in Matrix.IsFull ? new[] { 15, 16, 17, 18 } : [15, 18] from mode in new[] { RestoreMode.Swap, RestoreMode.InPlace, RestoreMode.Into } select (major, mode)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_class_of_object_comes_back_as_it_was(int major, RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(major, Zoo);
        await world.BackUpAsync(target);
        var before = await TextAsync(target);
        await target.ExecuteAsync("create table later (id int); create type later_r as range (subtype = int); drop view zoo.v; create function zoo.later(zoo.pair) returns int language sql as 'select 1'");

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)));

        Assert.Equal(before, await TextAsync(target.WithDatabase(result.Plan.ResultName)));
    }

    [Theory]
    [InlineData("create table public.uses (mood app.mood)", "column mood of table public.uses")]
    [InlineData("create table public.uses (id int references app.t)", "constraint uses_id_fkey on table public.uses")]
    [InlineData("create table public.uses (id int default app.f())", "default value for column id of table public.uses")]
    [InlineData("create view public.uses as select * from app.t", "view public.uses")]
    [InlineData("create table public.uses (id int, check (app.f() > id))", "constraint uses_id_check on table public.uses")]
    [InlineData("create function public.uses(app.mood) returns int language sql as 'select 1'", "function public.uses(app.mood)")]
    public async Task What_emptying_a_schema_would_take_from_another_is_told_beforehand(string sql, string what)
    {
        using var world = new RestoreWorld { Settings = new RestoreSettings { Schemas = ["app"] } };
        var target = await servers.NewDatabaseAsync(17, $"create schema app; create table app.t (id int primary key); create type app.mood as enum ('a'); create function app.f() returns int language sql as 'select 1'; {sql}");
        await world.BackUpAsync(target);

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)) with { DryRun = true }));

        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("create function public.there() returns int language sql as 'select 1'", "routine public.there")]
    [InlineData("create type public.there as enum ('a')", "type public.there")]
    [InlineData("create view public.there as select 1 as one", "relation public.there")]
    [InlineData("create publication there", "publication there")]
    [InlineData("create function public.there() returns event_trigger language plpgsql as 'begin end'; create event trigger there on sql_drop execute function public.there()", "event trigger there")]
    public async Task What_the_dump_would_find_there_already_beside_the_emptied_schemas_is_told_beforehand(string sql, string what)
    {
        using var world = new RestoreWorld { Settings = new RestoreSettings { Schemas = ["app"] } };
        var target = await servers.NewDatabaseAsync(17, $"create schema app; create table app.t (id int primary key); {sql}");
        await world.BackUpAsync(target);

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, RestoreJobTests.Options(RestoreMode.InPlace, target)) with { DryRun = true }));

        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Statements in an order of their own: a restore gives other numbers, by which pg_dump sorts here and there.</summary>
    private static async Task<List<string>> TextAsync(Core.Postgres.DatabaseUrl database) =>
        [.. Encoding.UTF8.GetString(await DumpFiles.MakeAsync(database)).Split('\n').Where(line => line.Length > 0 && !line.StartsWith("--", StringComparison.Ordinal) && !line.StartsWith('\\')).Order(StringComparer.Ordinal)];

    internal const string Zoo =
        """
        create schema zoo; comment on schema zoo is 'all of it'; create extension unaccent;
        create type zoo.mood as enum ('a', 'b'); create type zoo.pair as (a int, b text); create domain zoo.even as int check (value % 2 = 0); create type zoo.span as range (subtype = float8);
        create type zoo.base; create function zoo.base_in(cstring) returns zoo.base immutable strict language internal as 'int4in'; create function zoo.base_out(zoo.base) returns cstring immutable strict language internal as 'int4out';
        create type zoo.base (input = zoo.base_in, output = zoo.base_out, like = int4);
        create function zoo.f(a int, b text default 'x') returns int language sql immutable as 'select 1'; do $x$ begin execute 'create function zoo.atomic() returns int language sql begin atomic select 1; end'; end $x$;
        create procedure zoo.p(inout a int) language plpgsql as 'begin end'; create aggregate zoo.star(*) (sfunc = int8inc, stype = int8, initcond = '0');
        create function zoo.nth() returns bigint window language internal as 'window_row_number';
        create table zoo.t (id int generated always as identity primary key, m zoo.mood, s zoo.span, ms zoo.span_multirange, p zoo.pair, e zoo.even, b zoo.base, n text collate "C", g int generated always as (zoo.f(1)) stored, arr zoo.mood[]);
        insert into zoo.t (m, s, ms, p, e, b, n, arr) values ('a', '[1,2)', '{[1,2),[3,4)}', '(1,x)', 2, '7', 'é', '{a,b}');
        create table zoo.child (c serial, t int references zoo.t, exclude using gist (int4range(t, t + 1) with &&)) inherits (zoo.t); create unlogged table zoo.fast (id int);
        create table zoo.parted (a int, b int) partition by range (a); create table zoo.parted_1 partition of zoo.parted for values from (0) to (9); create table zoo.parted_d partition of zoo.parted default;
        create index on zoo.parted (b); create unique index t_low on zoo.t (lower(n)) where id > 0; create sequence zoo.s start 5; select nextval('zoo.s');
        create view zoo.v with (security_barrier) as select id, n from zoo.t; create materialized view zoo.mv as select id from zoo.t; create index on zoo.mv (id); create rule r as on insert to zoo.v do instead nothing;
        create function zoo.trg() returns trigger language plpgsql as 'begin return new; end'; create trigger tr before insert on zoo.t for each row execute function zoo.trg(); alter table zoo.t disable trigger tr;
        alter table zoo.t enable row level security; create policy pol on zoo.t for select using (id > 0); create statistics zoo.st (dependencies) on id, n from zoo.t;
        create collation zoo.coll (locale = 'C'); create conversion zoo.conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
        create operator zoo.=== (leftarg = int, rightarg = int, function = int4eq); create operator zoo.!! (rightarg = int, function = int4um); create operator family zoo.fam using btree;
        create operator class zoo.cls for type int4 using btree family zoo.fam as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 btint4cmp(int4, int4); create index on zoo.fast (id zoo.cls);
        create cast (zoo.pair as text) with inout; create cast (point as text) with inout; create transform for int language sql (from sql with function prsd_lextype(internal), to sql with function int4recv(internal));
        create text search parser zoo.prs (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype); create text search template zoo.tmpl (init = dsimple_init, lexize = dsimple_lexize);
        create text search dictionary zoo.dict (template = zoo.tmpl); create text search configuration zoo.conf (parser = zoo.prs); alter text search configuration zoo.conf add mapping for asciiword with zoo.dict;
        create foreign data wrapper zoo_fdw; create server zoo_srv foreign data wrapper zoo_fdw; create user mapping for public server zoo_srv; create foreign table zoo.ft (a int) server zoo_srv;
        create function zoo.handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler'; create trusted language zoo_lang handler zoo.handler; create access method zoo_am type table handler heap_tableam_handler; create table zoo.am (id int) using zoo_am;
        create function zoo.evt() returns event_trigger language plpgsql as 'begin end'; create event trigger zoo_evt on ddl_command_end execute function zoo.evt(); comment on event trigger zoo_evt is 'watches';
        create publication zoo_all for all tables; create publication zoo_some for table zoo.t (id, n) where (id > 1); create publication zoo_schema for tables in schema zoo;
        select lo_from_bytea(70001, 'large'); comment on large object 70001 is 'a large one'; comment on column zoo.t.n is 'a name'; comment on type zoo.span is 'a span';
        """;
}
