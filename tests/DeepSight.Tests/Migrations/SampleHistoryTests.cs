using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Linting;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations;

/// <summary>samples/migrations is an example to follow, so it must hold what it promises.</summary>
public sealed class SampleHistoryTests(PostgresServers servers) : IDisposable
{
    private static readonly MigrationSettings Settings = new() { Directory = Path.Combine(Clone.Root, "samples", "migrations") };

    public static TheoryData<int> Majors => Matrix.IsFull ? PostgresServers.Majors : [14, 18];

    private readonly PostgresClients clients = new(new DatabaseSettings());

    public void Dispose() => clients.Dispose();

    [Fact]
    public async Task It_has_a_branch_a_merge_an_index_built_aside_and_one_head_and_lint_finds_nothing()
    {
        var files = await MigrationSources.LoadAsync(Settings, Cancel);

        Assert.Equal(["007"], files.Graph.Heads.Select(head => head.Id));
        Assert.Equal(["001"], files.Graph.BranchPoints.Select(point => point.Id));
        Assert.Equal(["004"], files.Graph.Revisions.Where(revision => revision.IsMerge).Select(merge => merge.Id));
        Assert.Equal(["005"], files.Graph.Revisions.Where(revision => !files.Up(revision).InTransaction).Select(revision => revision.Id));
        Assert.Empty(MigrationLint.Check(files, null));
    }

    [Theory]
    [MemberData(nameof(Majors))]
    public async Task Down_after_up_gives_the_same_schema_for_every_revision(int major)
    {
        var database = await servers.NewDatabaseAsync(major);
        var files = await MigrationSources.LoadAsync(Settings, Cancel);
        await UpAsync(database, "heads");
        await DownAsync(database, "base");
        foreach (var revision in files.Graph.InOrder(files.Graph.Revisions))
        {
            foreach (var parent in revision.DownRevisions) await UpAsync(database, parent);
            var before = await SchemaAsync(database);
            await UpAsync(database, revision.Id);
            var up = await SchemaAsync(database);
            // All that this revision brought, and the views that reaching the head brought.
            foreach (var view in revision.Id == "007" ? ["video_popularity", "organisation_members"] : (string[])[]) await database.ExecuteAsync($"drop view {view}");
            await DownAsync(database, revision.DownRevisions.Count == 0 ? "base" : revision.DownRevisions[0]);

            Assert.Equal(before, await SchemaAsync(database));
            Assert.Equal(revision.IsMerge, before == up);
        }

        await UpAsync(database, "heads");
        var head = await SchemaAsync(database);
        await DownAsync(database, "base");
        await UpAsync(database, "heads");
        Assert.Equal(head, await SchemaAsync(database));
    }

    [Fact]
    public async Task On_a_database_that_was_there_before_the_baseline_changes_nothing_and_is_not_undone()
    {
        var database = await SampleAsync();
        var before = await SchemaAsync(database);

        await UpAsync(database, "001");

        Assert.Equal(before, await SchemaAsync(database));
        await UpAsync(database, "head");
        Assert.Equal(0, await database.AskAsync<long>("select count(*) from video_popularity"));
        await database.ExecuteAsync("insert into organisations (slug, name) values ('acme', 'Acme')");

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => DownAsync(database, "base"));

        Assert.Contains("the baseline is not undone while its tables hold rows", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await SchemaAsync(database, without: "organisation_members"));
    }

    [Fact]
    public async Task On_an_empty_database_the_baseline_makes_the_tables_as_the_sample_has_them()
    {
        var empty = await servers.NewDatabaseAsync(17);
        await UpAsync(empty, "001");

        Assert.Equal(await TablesAsync(await SampleAsync()), await TablesAsync(empty));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<MigrationResult> UpAsync(DatabaseUrl database, string target) =>
        new MigrationRunner(Settings, TimeProvider.System).UpAsync(database, new UpRequest { Target = target }, null, Cancel);

    private static Task<MigrationResult> DownAsync(DatabaseUrl database, string target) =>
        new MigrationRunner(Settings, TimeProvider.System).DownAsync(database, new DownRequest(target), null, Cancel);

    private async Task<DatabaseUrl> SampleAsync()
    {
        var database = await servers.NewDatabaseAsync(17);
        await using var connection = await database.OpenAsync();
        await SampleScript.RunFileAsync(connection, "sample-schema.sql", Cancel);
        return database;
    }

    /// <summary>All that pg_dump reads from the catalogue, owners and grants included; the journal is left out.</summary>
    private async Task<string> SchemaAsync(DatabaseUrl database, string? without = null)
    {
        if (without is not null) await database.ExecuteAsync($"drop view if exists {without}");
        var client = await clients.ForDumpAsync(await VersionAsync(database), Cancel);
        await using var dump = PostgresTools.StartDump(database, client, new DumpOptions { Content = DumpContent.SchemaWithAccess }, Cancel);
        using var reader = new StreamReader(dump.Output);
        var text = await reader.ReadToEndAsync(Cancel);
        await dump.WaitForSuccessAsync();
        return string.Join('\n', text.Split("\n--\n-- ").Where(part => !part.Contains("Schema: roundhouse", StringComparison.Ordinal) && !part.Contains("Name: roundhouse;", StringComparison.Ordinal))
            .Select(part => System.Text.RegularExpressions.Regex.Replace(part, @"(?m)^\\(un)?restrict .*$", "")));
    }

    private static async Task<PostgresVersion> VersionAsync(DatabaseUrl database)
    {
        await using var connection = await database.OpenAsync();
        return (await PostgresServer.DescribeAsync(connection, Cancel)).Version;
    }

    /// <summary>Columns, constraints and indexes of the baseline's tables; what a sample's later parts hang on them, triggers for one, is left out.</summary>
    private static Task<string> TablesAsync(DatabaseUrl database) => database.AskAsync<string>(
        """
        with tables as (select oid, relname from pg_class where relname in ('organisations', 'users', 'memberships', 'videos') and relnamespace = 'public'::regnamespace)
        select string_agg(line, E'\n' order by line) from (
            select format('%s.%s %s %s %s %s %s %s', relname, attname, attnum, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid))
              from tables join pg_attribute on attrelid = tables.oid left join pg_attrdef on adrelid = tables.oid and adnum = attnum where attnum > 0
            union all select format('%s %s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid)) from tables join pg_constraint on conrelid = tables.oid
            union all select pg_get_indexdef(indexrelid) from tables join pg_index on indrelid = tables.oid) as lines (line)
        """);
}
