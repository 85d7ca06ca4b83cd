using System.Text;
using DeepSight.Core;
using DeepSight.Core.Databases;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Autogenerate;

/// <summary>Declared schemas that can't become a revision: told by name, before anything runs where that is possible.</summary>
public sealed class DeclaredSchemaTests(PostgresServers servers) : IDisposable
{
    private readonly PostgresClients clients = new(new DatabaseSettings());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => clients.Dispose();

    [Fact]
    public async Task An_extension_and_roles_that_are_not_there_are_named_before_anything_runs()
    {
        var sql = """
            create extension if not exists "no-such";
            create role made_here; grant made_here to current_user;
            create table a (id int); alter table a owner to "No One"; grant select on a to public, stranger with grant option;
            create policy p on a to other using (true);
            """;

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => CompareAsync(sql));

        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.Contains("lacks the extension \"no-such\", the role \"No One\", the role other, the role stranger. Nothing was run.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_are_told_and_written_once_and_stand_in_no_revision()
    {
        var declared = await DeclaredAsync("create table a (id int primary key);\ninsert into a values (1);\ncreate view v as select id from a;");

        var scripts = await CompareAsync(declared);

        Assert.Equal(["schema/will.sql, line 2: INSERT"], declared.RowStatements);
        Assert.DoesNotContain("insert", Assert.Single(scripts.Revisions).Up, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_declared_file_that_is_wrong_is_shown_with_its_line_and_a_caret()
    {
        var wrong = await Assert.ThrowsAsync<DeepSightException>(() => CompareAsync("create table a (id int);\ncreate table b (id intt);"));

        Assert.Contains("schema/will.sql, line 2, column 20: type \"intt\" does not exist", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("\n  2 | create table b (id intt);\n    |                    ^", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_proven_is_given_only_to_who_asks_for_it()
    {
        const string Was = "create table p (id int) partition by list (id); create table p1 partition of p for values in (1); create index i on p (id);";
        const string Will = Was + " alter index p1_id_idx rename to odd; create table more (id int);";

        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", Was));
        var scripts = await CompareAsync(migrations, await DeclaredAsync(Will), new CompareRequest(["head"], []) { Unproven = true });

        Assert.Contains("public.odd", scripts.Unproven, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_is_named_is_compared_and_nothing_that_is_excluded()
    {
        const string Was = "create schema a; create schema b; create table a.t (id int); create table b.t (id int); create table b.tmp_x (id serial);";
        const string Will = "create schema a; create schema b; create table a.t (id bigint); create table b.t (id bigint);";
        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", Was));
        var declared = await DeclaredAsync(Will);

        var (named, rest) = (await ScopedAsync(["a"], []), await ScopedAsync([], ["a", "b.tmp_*"]));

        Assert.Equal("ALTER TABLE a.t ALTER COLUMN id TYPE bigint;", Assert.Single(named.Revisions).Up.Trim());
        Assert.Equal("ALTER TABLE b.t ALTER COLUMN id TYPE bigint;", Assert.Single(rest.Revisions).Up.Trim());

        async Task<GeneratedScripts> ScopedAsync(string[] schemas, string[] exclude) => await CompareAsync(
            migrations, declared, new CompareRequest(["head"], []) { Scope = new SchemaScope(schemas, exclude) });
    }

    [Fact]
    public async Task What_a_declared_file_renames_keeps_its_rows_and_is_renamed_once()
    {
        const string Was = "create type mood as enum ('sad', 'ok'); create schema app; create table app.a (mail text constraint old_check check (mail <> ''), m mood); create index old_index on app.a (mail);";
        const string Will = """
            create type mood as enum (
              'blue', -- renamed from: sad
              'ok');
            create schema app;
            -- renamed from: a
            create table app.people (
              email text -- renamed from: mail
                -- renamed from: old_check
                constraint new_check check (email <> ''),
              m mood
            );
            -- renamed from: old_index
            create index new_index on app.people (email);
            """;
        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", Was));
        var declared = await DeclaredAsync(Will);

        var revision = Assert.Single((await CompareAsync(migrations, declared)).Revisions);

        Assert.Equal(
            """
            ALTER TYPE public.mood RENAME VALUE 'sad' TO 'blue';
            ALTER TABLE app.a RENAME TO people;
            ALTER TABLE app.people RENAME COLUMN mail TO email;
            ALTER TABLE app.people RENAME CONSTRAINT old_check TO new_check;
            ALTER INDEX app.old_index RENAME TO new_index;

            """, revision.Up);
        Assert.Empty(revision.Hazards);
        using var after = new ScriptsOnDisk(("up/0001_was.sql", Was), ("up/0002_renamed.sql", revision.Up));
        Assert.True((await CompareAsync(after, declared)).IsEmpty);
        var neither = await Assert.ThrowsAsync<DeepSightException>(() => CompareAsync("-- renamed from: nobody\ncreate table a (id int);"));
        Assert.Contains("schema/will.sql, line 1: the migrations make neither nobody nor a", neither.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scratch_database_of_a_killed_run_is_dropped_by_the_next()
    {
        var server = (await servers.GetAsync(18)).Url;
        var left = DatabaseNames.Scratch("migrated", DatabaseNames.NewId());
        await server.ExecuteAsync($"create database {left}");

        await CompareAsync("create table a (id int);");

        Assert.False(await server.AskAsync<bool>($"select exists (select from pg_database where datname = '{left}')"));
    }

    private static async Task<DeclaredSchema> DeclaredAsync(string sql)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(sql));
        return await DeclaredSchema.OfStreamAsync(stream, "will.sql", Cancel);
    }

    private async Task<GeneratedScripts> CompareAsync(string will, string was = "select 1;")
    {
        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", was));
        return await CompareAsync(migrations, await DeclaredAsync(will));
    }

    private async Task<GeneratedScripts> CompareAsync(DeclaredSchema declared)
    {
        using var migrations = new ScriptsOnDisk(("up/0001_was.sql", "select 1;"));
        return await CompareAsync(migrations, declared);
    }

    private async Task<GeneratedScripts> CompareAsync(ScriptsOnDisk migrations, DeclaredSchema declared, CompareRequest? request = null) =>
        await new Autogeneration(migrations.Effective, clients, TimeProvider.System).CompareAsync(
            declared, (await servers.GetAsync(18)).Url, request ?? new CompareRequest(["head"], []), null, Cancel);
}
