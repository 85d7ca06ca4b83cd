using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Migrations.Journal;

/// <summary>grate's own tool over our databases, and ours over grate's: whoever comes second finds nothing to do.</summary>
public sealed class GrateTests(PostgresServers servers)
{
    [Fact]
    public async Task Grate_finds_nothing_to_do_after_us()
    {
        using var scripts = Project();
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);

        var output = await GrateTool.RunAsync(database, scripts.Root, "--schema=roundhouse");

        Assert.DoesNotContain("Running '", AfterStructure(output), StringComparison.Ordinal);
        Assert.Contains("has grated your database", output, StringComparison.Ordinal);

        // grate has renamed the tables to its own case meanwhile.
        Assert.Empty((await scripts.UpAsync(database)).Scripts);
        await AddAndAlternateAsync(scripts, database, "--schema=roundhouse");
    }

    [Fact]
    public async Task We_find_nothing_to_do_after_grate()
    {
        using var scripts = Project();
        var database = await servers.NewDatabaseAsync(17);
        var output = await GrateTool.RunAsync(database, scripts.Root);
        Assert.Contains("Running '0001_users.sql'", output, StringComparison.Ordinal);

        Assert.Empty((await scripts.UpAsync(database)).Scripts);

        var state = await scripts.StateAsync(database);
        Assert.True(state.IsUpToDate);
        Assert.Equal("0004_deep", state.CurrentRevision);
        Assert.False(await database.AskAsync<bool>("select to_regnamespace('roundhouse') is not null"));
        await AddAndAlternateAsync(scripts, database);
    }

    [Theory]
    [InlineData("serial")]
    [InlineData("bigint not null")]
    public async Task Neither_has_anything_to_do_after_RoundhousE_whose_sequences_never_moved(string id)
    {
        using var scripts = Project();
        scripts.Delete("up/more/0004_deep.sql");
        var database = await servers.NewDatabaseAsync(17, RoundhousE.Tables(id));
        await RoundhousE.RunAsync(database, scripts);

        Assert.Empty((await scripts.UpAsync(database)).Scripts);
        scripts.Write("up/0005_more.sql", "create table more (id int);");
        Assert.Equal("0005_more", ScriptsOnDisk.Names(await scripts.UpAsync(database)));
        Assert.Equal("0005_more.sql", await database.AskAsync<string>("select script_name from roundhouse.scriptsrun where id = 6"));

        // grate itself can't work with tables that give out no ids.
        if (id != "serial") return;

        var output = await GrateTool.RunAsync(database, scripts.Root, "--schema=roundhouse");
        Assert.DoesNotContain("Running '", AfterStructure(output), StringComparison.Ordinal);
    }

    /// <summary>Each applies something new; the other sees it.</summary>
    private static async Task AddAndAlternateAsync(ScriptsOnDisk scripts, Core.Postgres.DatabaseUrl database, params string[] more)
    {
        scripts.Write("up/0005_ours.sql", "create table ours (id int);").Write("views/names.sql", "create or replace view names as select name, 'two' as who from users;");
        Assert.Equal("0005_ours views/names.sql", ScriptsOnDisk.Names(await scripts.UpAsync(database)));
        Assert.DoesNotContain("Running '", AfterStructure(await GrateTool.RunAsync(database, scripts.Root, more)), StringComparison.Ordinal);

        scripts.Write("up/0006_theirs.sql", "create table theirs (id int);");
        Assert.Contains("Running '0006_theirs.sql'", await GrateTool.RunAsync(database, scripts.Root, more), StringComparison.Ordinal);
        Assert.Empty((await scripts.UpAsync(database)).Scripts);
        Assert.True((await scripts.StateAsync(database)).IsUpToDate);
    }

    private static ScriptsOnDisk Project() => new(
        ("up/0001_users.sql", "create table users (id int primary key, name text default 'it''s');\r\n-- {{DatabaseName}} {{Unknown}}\r\n"),
        ("up/0002_mail.sql", "-- message: mail\n-- lint: allow index-not-concurrent\nalter table users add mail text;\ncreate index on users (mail);\n"),
        ("up/0003_quick.sql", "-- transaction: off\ncreate index concurrently users_name on users (name);"),
        ("up/more/0004_deep.sql", "create table deep (id int);"),
        ("down/0001_users.sql", "drop table users;"),
        ("functions/one.sql", "create or replace function one() returns int language sql return 1;"),
        ("views/names.sql", "create or replace view names as select name from users;"));

    /// <summary>grate first runs migrations of its own tables, and says so in the same words.</summary>
    private static string AfterStructure(string output) => output[output.LastIndexOf("Migration Scripts", StringComparison.Ordinal)..];
}
