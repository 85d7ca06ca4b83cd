using System.IO.Compression;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Restore;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Backup;

/// <summary>Ways in which a backup could hold less than people think, without anyone noticing.</summary>
public sealed class BackupHazardTests(PostgresServers servers) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_applications_schema_of_our_name_is_backed_up_and_only_our_own_tables_are_not()
    {
        var database = await servers.NewDatabaseAsync(17, $"{MigrationHold.Create} {MigrationHold.Insert("'a test'")};");
        var alone = await RunAsync(database, Store("alone"));
        await database.ExecuteAsync("create table deepsight.customers (id serial primary key, name text); insert into deepsight.customers (name) values ('a'), ('b');");

        var shared = await RunAsync(database, Store("shared"));

        Assert.Empty(alone.Manifest.Tables);
        Assert.DoesNotContain("deepsight.", await SqlAsync(Store("alone"), alone.Manifest.Name), StringComparison.Ordinal);
        Assert.Equal(("deepsight.customers", 2), (Assert.Single(shared.Manifest.Tables).Name, shared.Manifest.Rows));
        Assert.DoesNotContain("migration_hold", await SqlAsync(Store("shared"), shared.Manifest.Name), StringComparison.Ordinal);
        Assert.Contains(shared.Warnings, warning => warning.Contains("holds more than this tool's bookkeeping", StringComparison.Ordinal));
        Assert.Equal(2, (await DrillAsync(Store("shared"), database)).Rows);
    }

    [Fact]
    public async Task A_standby_says_whose_rows_it_lacks_and_the_backup_restores_all_the_same()
    {
        await using var primary = await PostgresServers.StartAnotherAsync(18);
        await primary.Url.ExecuteAsync("create table kept (id int); insert into kept values (1); create unlogged table cache (id int); insert into cache values (1), (2);");
        await using var standby = await Standby.OfAsync(primary);

        var result = await RunAsync(standby.Url, Store("standby"));

        Assert.Equal(["A standby has no rows of unlogged tables, so the backup has none of public.cache."], result.Warnings);
        Assert.Equal(1, result.Manifest.Rows);
        Assert.Contains("Table public.cache has no rows: the backup holds none of it.", (await DrillAsync(Store("standby"), primary.Url)).Notes);
    }

    [Fact]
    public async Task A_role_that_may_not_read_everything_makes_no_backup_and_is_told_why()
    {
        var database = await servers.NewDatabaseAsync(17, "create table secret (id int)");
        var role = await NewRoleAsync(database);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => RunAsync(database with { User = role, Password = "ordinary" }, Store("role")));

        Assert.Contains("permission denied for table secret", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("GRANT pg_read_all_data", thrown.Hint, StringComparison.Ordinal);
        Assert.Empty(await new BackupCatalog(Store("role"), "deepsight").ListAsync(Cancel));
    }

    [Fact]
    public async Task What_belongs_to_the_database_and_its_roles_is_written_down_where_nothing_runs_it()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t (id int)");
        var role = await NewRoleAsync(database);
        await database.ExecuteAsync($"""
            alter database "{database.Database}" set search_path = app, public;
            alter database "{database.Database}" set app.greeting = E'two\nlines';
            alter role "{role}" set statement_timeout = '5s';
            revoke connect on database "{database.Database}" from public;
            grant select on t to "{role}";
            comment on database "{database.Database}" is 'the shop';
            """);

        var result = await RunAsync(database, Store("access"));
        var lines = (await SqlAsync(Store("access"), result.Manifest.Name + BackupName.AccessSuffix)).Split('\n');

        var statements = lines.SkipWhile(line => !line.StartsWith("-- What belongs", StringComparison.Ordinal)).ToList();
        Assert.Contains($"-- ALTER DATABASE \"{database.Database}\" SET \"search_path\" TO 'app', 'public';", statements);
        Assert.Contains($"-- ALTER ROLE {role} SET \"statement_timeout\" TO '5s';", statements);
        Assert.Contains($"-- REVOKE ALL ON DATABASE \"{database.Database}\" FROM PUBLIC;", statements);
        Assert.Contains($"-- COMMENT ON DATABASE \"{database.Database}\" IS 'the shop';", statements);
        Assert.All(statements.Where(line => line.Length > 0), line => Assert.StartsWith("-- ", line));
    }

    [Fact]
    public async Task A_directory_that_vanishes_costs_that_copy_and_not_the_other()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t (x text); insert into t select md5(n::text) from generate_series(1, 200000) n;");
        var gone = Store("gone");
        var progress = new Vanishing(Path.Combine(folder.Path, "gone"));

        var result = await RunAsync(database, progress, gone, Store("stays"));

        Assert.Same(gone, Assert.Single(result.Failures).Store);
        Assert.Single(await new BackupCatalog(Store("stays"), "deepsight").ListAsync(Cancel));
        Assert.Equal(200_000, result.Manifest.Rows);
    }

    [Fact]
    public async Task A_server_that_ends_idle_sessions_does_not_end_a_long_backup()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t (id int); insert into t values (1);");
        await database.ExecuteAsync($"alter database {database.Database} set idle_session_timeout = '2s'");

        var result = await RunAsync(database, new Slow(TimeSpan.FromSeconds(4)), Store("slow"));

        Assert.Equal(1, result.Manifest.Rows);
        Assert.NotNull(result.Manifest.AccessSha256);
    }

    [Fact]
    public async Task What_pg_dump_says_of_a_dump_that_it_finished_is_passed_on()
    {
        using var fake = new FakeTools("dump-with-a-warning 5");
        using var clients = new PostgresClients(fake.Settings);

        var result = await Job(clients, TimeProvider.System).RunAsync(new BackupRequest(await servers.NewDatabaseAsync(17), BackupKind.Manual, [Store("said")], "command"), null, Cancel);

        Assert.Contains("pg_dump: warning: could not resolve dependency loop among these items:", result.Warnings);
    }

    [Fact]
    public async Task A_clock_that_differs_from_the_servers_is_told()
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-400));

        var result = await Job(clients, clock).RunAsync(new BackupRequest(await servers.NewDatabaseAsync(17), BackupKind.Manual, [Store("clock")], "command"), null, Cancel);

        Assert.Contains("This machine's clock says", Assert.Single(result.Warnings, PostgresServers.IsOwn), StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<string> NewRoleAsync(DatabaseUrl database)
    {
        var role = $"reader_{Guid.NewGuid():n}";
        await database.ExecuteAsync($"create role {role} login password 'ordinary'");
        return role;
    }

    private LocalBackupStore Store(string name) => new(Path.Combine(folder.Path, name), TimeProvider.System);

    private static RunJournal Journal => new(TimeProvider.System, NullLogger<RunJournal>.Instance);

    private static BackupJob Job(PostgresClients clients, TimeProvider clock) =>
        new(new BackupSettings(), new MigrationSettings(), clients, new RunJournal(clock, NullLogger<RunJournal>.Instance), clock);

    private static Task<BackupResult> RunAsync(DatabaseUrl database, params IBackupStore[] stores) => RunAsync(database, null, stores);

    private static async Task<BackupResult> RunAsync(DatabaseUrl database, IProgress<BackupProgress>? progress, params IBackupStore[] stores)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        return await Job(clients, TimeProvider.System).RunAsync(new BackupRequest(database, BackupKind.Manual, stores, "command"), progress, Cancel);
    }

    private static async Task<DrillResult> DrillAsync(LocalBackupStore store, DatabaseUrl server)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        var catalog = new BackupCatalog(store, "deepsight");
        var entry = Assert.Single(await catalog.ListAsync(Cancel));
        return await new DrillJob(clients, new RestoreSettings(), Journal, TimeProvider.System, NullLogger<DrillJob>.Instance).RestoreAsync(new DrillRequest(catalog, entry, [store], "command"), server, null, Cancel);
    }

    private static async Task<string> SqlAsync(LocalBackupStore store, string name)
    {
        await using var sql = new GZipStream(File.OpenRead(store.PathOf(name)), CompressionMode.Decompress);
        using var reader = new StreamReader(sql);
        return await reader.ReadToEndAsync(Cancel);
    }

    /// <summary>Holds the dump up, once.</summary>
    private sealed class Slow(TimeSpan pause) : IProgress<BackupProgress>
    {
        private bool hasPaused;

        public void Report(BackupProgress value)
        {
            if (hasPaused) return;

            hasPaused = true;
            Thread.Sleep(pause);
        }
    }

    /// <summary>Removes a store's directory once something was written.</summary>
    private sealed class Vanishing(string directory) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value)
        {
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
        }
    }
}
