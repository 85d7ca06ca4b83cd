using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Tests.Servers;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;

namespace DeepSight.Tests.Migrations.Running;

public sealed class AutomaticMigrationTests(PostgresServers servers)
{
    private const string Second = "create table b (id int);";

    [Fact]
    public async Task The_scheduled_backup_applies_what_is_pending_and_its_manifest_says_where_the_schema_stood()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Write("up/0002_b.sql", Second);
        await using var services = Services(scripts, database);

        await services.GetRequiredService<Functions.Backup>().RunAsync(new TimerInfo(), Cancel);

        var stores = services.GetRequiredService<BackupStores>();
        var catalog = stores.Catalog(stores.Local);
        var manifest = await catalog.ReadManifestAsync((await catalog.FindLatestAsync(Cancel))!.Name, Cancel);
        Assert.Equal(new Core.Dumps.SchemaPosition("0001_a", "0002_b"), manifest!.Migrations);
        Assert.Equal("0002_b", (await scripts.StateAsync(database)).CurrentRevision);

        var run = Assert.Single(await RunsAsync(stores), run => run.Job == "migrate");
        Assert.Equal(("timer", RunStatus.Succeeded, new RevisionChange("0001_a", "0002_b", 1)), (run.Trigger, run.Status, run.Revisions));
    }

    [Fact]
    public async Task A_migration_that_fails_does_not_have_the_backup_made_again()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Write("up/0002_b.sql", "select 1 / 0;");
        await using var services = Services(scripts, database);

        await services.GetRequiredService<Functions.Backup>().RunAsync(new TimerInfo(), Cancel);

        var run = Assert.Single(await RunsAsync(services.GetRequiredService<BackupStores>()), run => run.Job == "migrate");
        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("division by zero", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("startup")]
    public async Task Another_moment_is_waited_for(string auto)
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Write("up/0002_b.sql", Second);
        await using var services = Services(scripts, database, auto);

        Assert.Null(await services.GetRequiredService<AutomaticMigrationJob>().RunAsync(database, AutoMigration.AfterBackup, "timer", Cancel));
        Assert.Equal(auto == "startup" ? 1 : null,
            (await services.GetRequiredService<AutomaticMigrationJob>().RunAsync(database, AutoMigration.Startup, "startup", Cancel))?.Scripts.Count);
    }

    [Fact]
    public async Task A_database_never_seen_before_is_left_alone()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17);

        await IsHeldAsync(scripts, database, "never migrated by us");
    }

    [Fact]
    public async Task A_database_of_another_tool_is_left_alone_until_we_have_migrated_it()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17, Journal.RoundhousE.Tables("serial"));
        await Journal.RoundhousE.RunAsync(database, scripts);
        scripts.Write("up/0002_b.sql", Second);

        await IsHeldAsync(scripts, database, "never migrated by us");
    }

    [Fact]
    public async Task A_database_of_Alembics_is_left_alone()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17, "create table alembic_version (version_num varchar(32) primary key); insert into alembic_version values ('ae10')");

        await IsHeldAsync(scripts, database, "Alembic manages this database");
    }

    [Fact]
    public async Task Applied_revisions_that_are_in_no_file_hold_it()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Delete("up/0001_a.sql");
        scripts.Write("up/0002_b.sql", Second);

        await IsHeldAsync(scripts, database, "0001_a.sql was applied, and is in no file any more");
    }

    [Fact]
    public async Task A_down_holds_it_until_an_explicit_up()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"), ("up/0002_b.sql", Second), ("down/0002_b.sql", "drop table b;"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        await scripts.DownAsync(database, "-1");

        await IsHeldAsync(scripts, database, "a down to -1 on ");
        await LiftsAsync(scripts, database);
    }

    [Fact]
    public async Task A_restore_holds_it_until_an_explicit_up()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "create table a (id int);"));
        var database = await servers.NewDatabaseAsync(17);
        await scripts.UpAsync(database);
        scripts.Write("up/0002_b.sql", Second);
        await using (var connection = await database.OpenAsync())
            await MigrationHold.SetAsync(connection, "a restore of deepsight_20260212_030000.sql.gz", Cancel);

        await IsHeldAsync(scripts, database, "a restore of deepsight_20260212_030000.sql.gz on ");
        await LiftsAsync(scripts, database);
    }

    [Fact]
    public async Task A_history_that_cannot_be_read_is_no_reason_to_go_without_a_backup()
    {
        using var scripts = new ScriptsOnDisk(("up/0001_a.sql", "-- down_revision: gone\nselect 1;"));
        var database = await servers.NewDatabaseAsync(17);
        await using var services = Services(scripts, database);
        var stores = services.GetRequiredService<BackupStores>();

        var result = await services.GetRequiredService<BackupJob>().RunAsync(new BackupRequest(database, BackupKind.Manual, [stores.Local], "command"), null, Cancel);

        Assert.Null(result.Manifest.Migrations);
        Assert.StartsWith("The manifest does not say which migrations are applied: ", Assert.Single(result.Warnings, PostgresServers.IsOwn), StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The state says why, and neither the check nor a run that got past it touches anything.</summary>
    private static async Task IsHeldAsync(ScriptsOnDisk scripts, DatabaseUrl database, string why)
    {
        await using var services = Services(scripts, database);
        Assert.Contains(why, AutomaticMigration.Refusal(await scripts.StateAsync(database)), StringComparison.Ordinal);
        Assert.Null(await services.GetRequiredService<AutomaticMigrationJob>().RunAsync(database, AutoMigration.AfterBackup, "timer", Cancel));

        var refused = await Assert.ThrowsAsync<DeepSightException>(() => scripts.Runner.UpAsync(database, new UpRequest { Automatic = true }, null, Cancel));
        Assert.Equal(FailureKind.Refused, refused.Kind);
        Assert.False(await database.AskAsync<bool>("select to_regclass('b') is not null"));
    }

    private static async Task LiftsAsync(ScriptsOnDisk scripts, DatabaseUrl database)
    {
        await scripts.UpAsync(database);
        scripts.Write("up/0003_c.sql", "create table c (id int);");
        await using var services = Services(scripts, database);
        Assert.Equal("0003_c", (await services.GetRequiredService<AutomaticMigrationJob>().RunAsync(database, AutoMigration.AfterBackup, "timer", Cancel))?.After);
    }

    private static ServiceProvider Services(ScriptsOnDisk scripts, DatabaseUrl database, string auto = "after-backup")
    {
        var settings = DeepSightSettings.Load(new SettingsSource().Add(new Dictionary<string, string?>
        {
            ["DATABASE_URL"] = database.Whole(),
            ["BACKUP_DIR"] = Path.Combine(scripts.Root, "backups"),
            ["BACKUP_STORE"] = "local",
            ["MIGRATIONS_DIR"] = scripts.Root,
            ["MIGRATIONS_AUTO"] = auto,
        }, "test"));
        return new ServiceCollection().AddLogging().AddDeepSight(settings).AddSingleton<Functions.Backup>()
            .AddSingleton<Functions.RunningJobs>().AddSingleton<IHostApplicationLifetime, ApplicationLifetime>().BuildServiceProvider();
    }

    private static async Task<List<RunRecord>> RunsAsync(BackupStores stores)
    {
        var runs = new List<RunRecord>();
        await foreach (var item in stores.Local.ListAsync("runs/", Cancel))
            runs.Add(JsonSerializer.Deserialize<RunRecord>(await File.ReadAllBytesAsync(Path.Combine(stores.Local.Location, item.Name), Cancel), Json.Options)!);
        return runs;
    }
}
