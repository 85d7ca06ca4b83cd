using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>Everything that has an owner or grants, and the whole of the catalogue's privileges before and after.</summary>
public sealed class AccessZooTests(PostgresServers servers)
{
    public static TheoryData<int, string> Cases =>
        [.. from major in Matrix.IsFull ? new[] { 15, 16, 17, 18 } : [15, 18] from mode in new[] { "swap", "in-place", "into", "anew" } select (major, mode)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task After_a_restore_owners_grants_defaults_and_memberships_are_those_from_before(int major, string mode)
    {
        using var world = new RestoreWorld();
        var mark = "z" + Guid.NewGuid().ToString("n")[..8];
        var target = await servers.NewDatabaseAsync(major);
        var maintenance = target.WithDatabase("postgres");
        try
        {
            await target.ExecuteAsync(Sql(mark, major, target.Database));
            await world.BackUpAsync(target);
            var before = await AccessAsync(target, mark);
            Assert.True(before.Count > 150);

            var restored = await RestoreAsync(world, target, mode, mark);

            // The access file holds what is the database's own as comments.
            if (mode == "anew") before.RemoveAll(line => line.StartsWith("database:", StringComparison.Ordinal));
            var after = await AccessAsync(restored, mark);
            if (mode == "anew") after.RemoveAll(line => line.StartsWith("database:", StringComparison.Ordinal));
            Assert.Equal(before, after);
        }
        finally
        {
            foreach (var database in await maintenance.AskAsync<string[]>($"select array_agg(datname::text) from pg_database where datname like '{target.Database}%'")) await maintenance.ExecuteAsync($"drop database if exists {database} with (force)");
            foreach (var role in new[] { "owner", "reader", "writer", "group", "quiet" }) await maintenance.ExecuteAsync($"drop owned by {mark}_{role}; drop role {mark}_{role}");
        }
    }

    private static async Task<DatabaseUrl> RestoreAsync(RestoreWorld world, DatabaseUrl target, string mode, string mark)
    {
        var options = mode switch
        {
            "in-place" => RestoreJobTests.Options(RestoreMode.InPlace, target),
            "into" => RestoreJobTests.Options(RestoreMode.Into, target),
            "anew" => RestoreJobTests.Options(RestoreMode.Into, target) with { Into = target.Database, CreateMissingRoles = true },
            _ => RestoreJobTests.Options(RestoreMode.Swap, target),
        };
        if (mode == "anew")
        {
            var maintenance = target.WithDatabase("postgres");
            await maintenance.ExecuteAsync($"drop database {target.Database} with (force)");
            foreach (var role in new[] { "owner", "reader", "writer", "group", "quiet" }) await maintenance.ExecuteAsync($"drop role {mark}_{role}");
        }

        var result = await world.RestoreAsync(world.Over(target, options));
        Assert.DoesNotContain(result.Notes, note => note.Contains("could not be set", StringComparison.Ordinal));
        return target.WithDatabase(result.Plan.ResultName);
    }

    /// <summary>A line an owner, a grant, a default privilege, a membership. An empty list of grants reads as the defaults that it means.</summary>
    private static async Task<List<string>> AccessAsync(DatabaseUrl database, string mark)
    {
        await using var connection = await database.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand(
            """
            with object (classid, oid, owner, kind, acl, namespace) as (
              select 'pg_class'::regclass, oid, relowner, case relkind when 'S' then 's' else 'r' end, relacl, relnamespace from pg_class where relkind not in ('t', 'i', 'I')
              union all select 'pg_proc'::regclass, oid, proowner, 'f', proacl, pronamespace from pg_proc
              union all select 'pg_type'::regclass, oid, typowner, 'T', typacl, typnamespace from pg_type
              union all select 'pg_namespace'::regclass, oid, nspowner, 'n', nspacl, oid from pg_namespace
              union all select 'pg_language'::regclass, oid, lanowner, 'l', lanacl, 0 from pg_language
              union all select 'pg_foreign_data_wrapper'::regclass, oid, fdwowner, 'F', fdwacl, 0 from pg_foreign_data_wrapper
              union all select 'pg_foreign_server'::regclass, oid, srvowner, 'S', srvacl, 0 from pg_foreign_server
              union all select 'pg_largeobject'::regclass, oid, lomowner, 'L', lomacl, 0 from pg_largeobject_metadata
              union all select 'pg_operator'::regclass, oid, oprowner, null, null, oprnamespace from pg_operator
              union all select 'pg_opclass'::regclass, oid, opcowner, null, null, opcnamespace from pg_opclass
              union all select 'pg_opfamily'::regclass, oid, opfowner, null, null, opfnamespace from pg_opfamily
              union all select 'pg_collation'::regclass, oid, collowner, null, null, collnamespace from pg_collation
              union all select 'pg_conversion'::regclass, oid, conowner, null, null, connamespace from pg_conversion
              union all select 'pg_ts_dict'::regclass, oid, dictowner, null, null, dictnamespace from pg_ts_dict
              union all select 'pg_ts_config'::regclass, oid, cfgowner, null, null, cfgnamespace from pg_ts_config
              union all select 'pg_statistic_ext'::regclass, oid, stxowner, null, null, stxnamespace from pg_statistic_ext
              union all select 'pg_event_trigger'::regclass, oid, evtowner, null, null, 0 from pg_event_trigger
              union all select 'pg_publication'::regclass, oid, pubowner, null, null, 0 from pg_publication),
            seen as (
              select *, pg_describe_object(classid, oid, 0) as name from object o
               where (oid >= 16384 or oid in ('public'::regnamespace, (select oid from pg_language where lanname = 'plpgsql')))
                 and not exists (select from pg_namespace n where n.oid = o.namespace and (n.nspname = 'deepsight' or n.nspname ~ '^pg_')))
            select line from (
              select format('%s: owner %s', name, pg_get_userbyid(owner)) as line from seen
              union all
              select format('%s: %s %s %s by %s', name, coalesce(nullif(a.grantee, 0)::regrole::text, 'public'), a.privilege_type, a.is_grantable, a.grantor::regrole)
                from seen, aclexplode(coalesce(acl, acldefault(kind::"char", owner))) a where kind is not null
              union all
              select format('%s.%s: %s %s %s by %s', name, attname, coalesce(nullif(a.grantee, 0)::regrole::text, 'public'), a.privilege_type, a.is_grantable, a.grantor::regrole)
                from seen join pg_attribute on attrelid = oid and classid = 'pg_class'::regclass, aclexplode(attacl) a
              union all
              select format('default %s %s %s: %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, coalesce(nullif(a.grantee, 0)::regrole::text, 'public'), a.privilege_type, a.is_grantable)
                from pg_default_acl, aclexplode(defaclacl) a
              union all
              select format('database: %s %s %s', coalesce(nullif(a.grantee, 0)::regrole::text, 'public'), a.privilege_type, a.is_grantable)
                from pg_database, aclexplode(datacl) a where datname = current_database()
              union all
              select format('policy %s: %s', polname, polroles::regrole[]) from pg_policy
              union all
              select format('mapping: %s', umuser::regrole) from pg_user_mapping
              union all
              select format('member %s of %s: %s', member::regrole, roleid::regrole, to_jsonb(m) - 'oid' - 'roleid' - 'member' - 'grantor')
                from pg_auth_members m where member::regrole::text like @mark || '%' or roleid::regrole::text like @mark || '%'
              union all
              select format('role %s: inherit %s', rolname, rolinherit) from pg_roles where rolname like @mark || '%') lines
             order by line collate "C"
            """, connection);
        command.Parameters.AddWithValue("mark", mark);
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await row.ReadAsync(TestContext.Current.CancellationToken)) lines.Add(row.GetString(0));
        return lines;
    }

    /// <summary>With default privileges in the middle: what is before them must not get them, what comes behind must.</summary>
    private static string Sql(string mark, int major, string database) =>
        $$"""
        create role {{mark}}_owner; create role {{mark}}_reader; create role {{mark}}_writer noinherit; create role {{mark}}_group; create role {{mark}}_quiet;
        {{(major >= 16 ? $"grant {mark}_group to {mark}_reader with inherit false, set true; grant {mark}_group to {mark}_quiet with inherit true, set false;" : $"grant {mark}_group to {mark}_reader; grant {mark}_group to {mark}_quiet;")}}
        grant {{mark}}_group to {{mark}}_writer; grant {{mark}}_owner to {{mark}}_group with admin option;
        revoke connect on database {{database}} from public; grant connect, temp on database {{database}} to {{mark}}_reader;
        create schema app authorization {{mark}}_owner; create schema bare; grant usage on schema app to public; grant usage, create on schema bare to {{mark}}_writer with grant option;
        revoke create on schema public from public; grant usage on schema public to {{mark}}_reader;
        create table early (id int, secret text); create function early_f() returns int language sql as 'select 1'; create type early_t as enum ('a'); create sequence early_s;
        create table app.owned (id serial primary key, "Odd Name" int); alter table app.owned owner to {{mark}}_owner;
        grant select (id), update ("Odd Name") on app.owned to {{mark}}_reader; grant all on app.owned to {{mark}}_writer with grant option;
        set session authorization {{mark}}_writer; grant select on app.owned to {{mark}}_quiet; reset session authorization;
        create table stripped (id int); revoke all on stripped from current_user; create view app.v as select * from early; grant select on app.v to {{mark}}_reader;
        create materialized view app.m as select 1 as one; grant select on app.m to public; alter materialized view app.m owner to {{mark}}_owner;
        create sequence app.s; grant usage on sequence app.s to {{mark}}_reader;
        create function app.f(a int, b text default 'x', variadic c numeric[] default '{}') returns int language sql as 'select 1'; revoke execute on function app.f from public;
        create procedure app.p(inout a int) language plpgsql as 'begin end'; alter procedure app.p owner to {{mark}}_owner; grant execute on procedure app.p to {{mark}}_reader;
        create aggregate app.star(*) (sfunc = int8inc, stype = int8, initcond = '0'); alter aggregate app.star(*) owner to {{mark}}_owner; revoke execute on function app.star() from public;
        create aggregate app.ordered(float8 order by anyelement) (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra); alter aggregate app.ordered(float8 order by anyelement) owner to {{mark}}_owner;
        create domain app.d as int; revoke usage on domain app.d from public; alter domain app.d owner to {{mark}}_owner;
        create type app.r as range (subtype = float8); alter type app.r owner to {{mark}}_owner; create type app.c as (a int); revoke all on type app.c from public;
        create operator app.=== (leftarg = int, rightarg = int, function = int4eq); alter operator app.===(int, int) owner to {{mark}}_owner;
        create operator app.!! (rightarg = int, function = int4um); alter operator app.!!(none, int) owner to {{mark}}_owner;
        create operator family app.fam using btree; alter operator family app.fam using btree owner to {{mark}}_owner;
        create operator class app.cls for type int4 using hash as operator 1 =, function 1 hashint4(int4); alter operator class app.cls using hash owner to {{mark}}_owner;
        create collation app.coll (locale = 'C'); alter collation app.coll owner to {{mark}}_owner; create conversion app.conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8; alter conversion app.conv owner to {{mark}}_owner;
        create text search dictionary app.dict (template = pg_catalog.simple); alter text search dictionary app.dict owner to {{mark}}_owner;
        create text search configuration app.conf (copy = pg_catalog.english); alter text search configuration app.conf owner to {{mark}}_owner;
        create statistics app.stat on id, secret from early; alter statistics app.stat owner to {{mark}}_owner;
        create foreign data wrapper {{mark}}_fdw; grant usage on foreign data wrapper {{mark}}_fdw to {{mark}}_reader; create server {{mark}}_srv foreign data wrapper {{mark}}_fdw; grant usage on foreign server {{mark}}_srv to {{mark}}_owner with grant option; alter server {{mark}}_srv owner to {{mark}}_owner;
        create user mapping for {{mark}}_reader server {{mark}}_srv; create foreign table app.ft (a int) server {{mark}}_srv; grant select on app.ft to {{mark}}_reader;
        create function app.handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler'; create trusted language {{mark}}_lang handler app.handler; revoke usage on language {{mark}}_lang from public; grant usage on language {{mark}}_lang to {{mark}}_writer;
        create function app.evt() returns event_trigger language plpgsql as 'begin end'; create event trigger {{mark}}_evt on sql_drop execute function app.evt();
        create publication {{mark}}_pub for table early; alter publication {{mark}}_pub owner to {{mark}}_owner;
        alter table early enable row level security; create policy p on early to {{mark}}_reader, {{mark}}_group using (true);
        create table part (a int) partition by range (a); create table part_1 partition of part for values from (0) to (9); grant insert on part to {{mark}}_writer;
        select lo_create(70001); alter large object 70001 owner to {{mark}}_owner; select lo_create(70002); grant select on large object 70002 to {{mark}}_reader with grant option; revoke update on large object 70002 from current_user;
        set session authorization {{mark}}_reader; grant select on large object 70002 to {{mark}}_quiet; reset session authorization;
        alter default privileges grant select on tables to {{mark}}_reader; alter default privileges grant execute on functions to {{mark}}_reader; alter default privileges revoke execute on functions from public;
        alter default privileges revoke usage on types from public; alter default privileges in schema app grant all on sequences to {{mark}}_writer; alter default privileges for role {{mark}}_owner in schema bare grant insert on tables to {{mark}}_group with grant option;
        alter default privileges grant usage on schemas to {{mark}}_group; {{(major >= 18 ? $"alter default privileges grant select on large objects to {mark}_reader;" : "")}}
        create table later (id int); create function later_f() returns int language sql as 'select 1'; create type later_t as enum ('a'); create sequence app.later_s; create schema later; select lo_create(70003);
        """;
}
