using System.Text;
using DeepSight.Core;
using DeepSight.Core.Restore;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore;

/// <summary>What would end a restore after the load, or surprise after it, is known before it begins.</summary>
public sealed class ForeseenTests(PostgresServers servers)
{
    private const string Trailer = "\n--\n-- PostgreSQL database dump complete\n--\n";
    private const string Header = "--\n-- PostgreSQL database dump\n--\n\n";

    [Theory]
    [InlineData("ALTER TABLE public.made OWNER TO {0};")]
    [InlineData("GRANT SELECT ON TABLE public.made TO PUBLIC, {0};")]
    [InlineData("SET ROLE {0};")]
    [InlineData("SET SESSION AUTHORIZATION '{0}';")]
    [InlineData("ALTER DEFAULT PRIVILEGES FOR ROLE {0} GRANT SELECT ON TABLES TO PUBLIC;")]
    [InlineData("CREATE SCHEMA made AUTHORIZATION {0};")]
    [InlineData("CREATE POLICY p ON public.made TO {0} USING (true);")]
    public async Task A_role_that_a_dump_by_hand_names_is_missed_beforehand(string statement)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17);
        var role = "r" + Guid.NewGuid().ToString("n")[..8];
        var source = await DumpFiles.FileAsync(Encoding.UTF8.GetBytes(Header + "CREATE TABLE public.made (a int);\n" + string.Format(null, statement, role) + Trailer), "hand.sql");

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(target, source) with { DryRun = true, TrustStatements = true }));
        var plan = (await world.RestoreAsync(world.Over(target, source, new RestoreOptions { Force = true, CreateMissingRoles = true }) with { DryRun = true, TrustStatements = true })).Plan;

        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains(role, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--create-missing-roles", refused.Hint, StringComparison.Ordinal);
        Assert.Equal([role], plan.MissingRoles);
    }

    [Theory]
    [InlineData("create extension pg_stat_statements", "the extension pg_stat_statements", true)]
    [InlineData("create function evt() returns event_trigger language plpgsql as 'begin end'; create event trigger e on sql_drop execute function evt()", "event triggers", false)]
    [InlineData("create foreign data wrapper w", "foreign data wrappers", false)]
    [InlineData("create function c() returns int language internal as 'int4um'", "functions in untrusted languages", false)]
    [InlineData("create publication p for all tables", "publications of all tables", false)]
    public async Task What_only_a_superuser_may_create_is_missed_beforehand(string sql, string what, bool worksInPlace)
    {
        using var world = new RestoreWorld();
        var (super, owner) = await servers.NewOwnedAsync("createdb");
        await super.ExecuteAsync(sql);
        await world.BackUpAsync(super);

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(world.Over(owner)));

        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        Assert.Equal(worksInPlace, refused.Hint!.Contains("--mode in-place --clean", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_partial_dump_names_the_tables_that_it_would_take_away_and_asks_for_consent()
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(17, "create table users (id int); create table orders (id int); create schema app; create table app.x (a int)");
        var source = await DumpFiles.FileAsync(Encoding.UTF8.GetBytes(Header + "CREATE TABLE public.users (id int);\nINSERT INTO public.users VALUES (1);" + Trailer), "users.sql");
        var request = world.Over(target, source, RestoreJobTests.Options(RestoreMode.InPlace, target));

        var plan = (await world.RestoreAsync(request with { DryRun = true })).Plan;
        var refused = await Assert.ThrowsAsync<DeepSightException>(() => world.RestoreAsync(request));

        Assert.Equal(["app.x", "public.orders"], plan.LostTables);
        Assert.Contains(plan.Warnings, warning => warning.Contains("2 tables of the target not in the backup: app.x, public.orders", StringComparison.Ordinal));
        Assert.Equal(FailureKind.Refused, refused.Kind);
        await world.RestoreAsync(request with { DropOthers = true });
        Assert.Equal(1, await target.AskAsync<long>("select count(*) from pg_tables where schemaname in ('app', 'public')"));
    }

    [Theory]
    [InlineData(RestoreMode.Swap)]
    [InlineData(RestoreMode.InPlace)]
    [InlineData(RestoreMode.Into)]
    public async Task Statistics_that_cannot_be_gathered_are_a_note(RestoreMode mode)
    {
        using var world = new RestoreWorld();
        var target = await servers.NewDatabaseAsync(15,
            """
            create extension unaccent; create function norm(t text) returns text language plpgsql immutable as $$ begin return lower(unaccent(t)); end $$;
            create table people (id int primary key, name text); insert into people select g, 'É' || g from generate_series(1, 50) g; create statistics s on (norm(name)), id from people;
            """);
        await world.BackUpAsync(target);

        var result = await world.RestoreAsync(world.Over(target, RestoreJobTests.Options(mode, target)));

        Assert.Equal(50, result.Rows);
        Assert.Contains(result.Notes, note => note.Contains("statistics could not be gathered of public.people", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plan_says_that_the_backups_locale_is_another_than_the_targets()
    {
        using var world = new RestoreWorld();
        var server = (await servers.GetAsync(17)).Url;
        var origin = server.WithDatabase($"icu_{Guid.NewGuid():n}");
        await server.ExecuteAsync($"create database {origin.Database} template template0 encoding utf8 locale_provider icu icu_locale 'de'");
        await origin.ExecuteAsync("create table t (a text)");
        await world.BackUpAsync(origin);

        var plan = (await world.RestoreAsync(world.Over(await servers.NewDatabaseAsync(17)) with { DryRun = true })).Plan;

        Assert.Contains(plan.Warnings, warning => warning.Contains("UTF8, icu de", StringComparison.Ordinal));
    }
}
