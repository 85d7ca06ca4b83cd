using System.Diagnostics;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Backup;

public sealed class BackupJobTests(PostgresServers servers)
{
    private const string Content = "create table t (id int primary key, name text); insert into t select n, 'row ' || n from generate_series(1, 1000) n;";

    private readonly LocalBackupStore store = new(RunFolder.New(), TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task A_backup_is_listed_with_a_manifest_that_its_file_agrees_with(int major)
    {
        var database = await servers.NewDatabaseAsync(major, Content);

        var result = await RunAsync(database, new BackupSettings());

        var entry = Assert.Single(await Catalog.ListAsync(Cancel));
        Assert.True(entry is { HasManifest: true, HasAccess: true });
        Assert.Equal(1000, Assert.Single(result.Manifest.Tables).Rows);
        Assert.Equal(1000, (await FileCheck.RunAsync(Catalog, result.Manifest, Cancel)).Rows);
        var record = Assert.Single(await NamesAsync("runs/"));
        Assert.Contains("\"succeeded\"", await File.ReadAllTextAsync(store.PathOf(record), Cancel));
        Assert.DoesNotContain(await NamesAsync(""), name => name.EndsWith(BackupName.PendingSuffix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_zstd_backup_is_checked_in_the_same_way()
    {
        var database = await servers.NewDatabaseAsync(17, Content);

        var result = await RunAsync(database, new BackupSettings { Compression = Compression.Zstd });

        Assert.EndsWith(".sql.zst", result.Manifest.Name);
        Assert.Equal(1000, (await FileCheck.RunAsync(Catalog, result.Manifest, Cancel)).Rows);
    }

    [Fact]
    public async Task A_flipped_byte_is_found_by_the_file_alone()
    {
        var result = await RunAsync(await servers.NewDatabaseAsync(17, Content), new BackupSettings());
        var path = store.PathOf(result.Manifest.Name);
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancel);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => FileCheck.RunAsync(Catalog, result.Manifest, Cancel));

        Assert.Equal(FailureKind.Corrupt, thrown.Kind);
    }

    [Fact]
    public async Task Gunzip_and_psql_alone_restore_a_backup()
    {
        var result = await RunAsync(await servers.NewDatabaseAsync(17, Content), new BackupSettings());
        var target = await servers.NewDatabaseAsync(17);
        var client = await new PostgresClients(new DatabaseSettings()).ForPsqlAsync(new PostgresVersion(17, 0), Cancel);

        await using var psql = PostgresTools.StartPsql(target, client, new PsqlOptions(), Cancel);
        using var gunzip = Process.Start(new ProcessStartInfo("gunzip", ["-c", store.PathOf(result.Manifest.Name)]) { RedirectStandardOutput = true })!;
        await gunzip.StandardOutput.BaseStream.CopyToAsync(psql.Input, Cancel);
        psql.Input.Close();
        await psql.Output.CopyToAsync(Stream.Null, Cancel);
        await psql.WaitForSuccessAsync();

        Assert.Equal(1000, (await RunAsync(target, new BackupSettings { Name = "restored" })).Manifest.Rows);
    }

    [Fact]
    public async Task Two_backups_in_one_second_take_two_names()
    {
        var database = await servers.NewDatabaseAsync(17, Content);

        var first = await RunAsync(database, new BackupSettings());
        var second = await RunAsync(database, new BackupSettings());

        Assert.NotEqual(first.Manifest.Name, second.Manifest.Name);
        Assert.Equal(2, (await Catalog.ListAsync(Cancel)).Count);
    }

    [Fact]
    public async Task A_stem_that_belongs_to_another_database_is_refused_and_nothing_is_left()
    {
        await RunAsync(await servers.NewDatabaseAsync(17, Content), new BackupSettings());
        var other = await servers.NewDatabaseAsync(17, Content);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => RunAsync(other, new BackupSettings()));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Single(await Catalog.ListAsync(Cancel));
    }

    [Theory]
    [InlineData("dump-then-fail 5")]
    [InlineData("dump-without-trailer 5")]
    public async Task A_dump_that_does_not_end_well_leaves_no_backup(string behaviour)
    {
        using var fake = new FakeTools(behaviour);
        var database = await servers.NewDatabaseAsync(17, Content);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => RunAsync(database, new BackupSettings(), fake.Settings));

        Assert.Equal(FailureKind.Failed, thrown.Kind);
        Assert.All(await NamesAsync(""), name => Assert.StartsWith("runs/", name));
    }

    private BackupCatalog Catalog => new(store, "deepsight");

    private async Task<BackupResult> RunAsync(DatabaseUrl database, BackupSettings settings, DatabaseSettings? client = null)
    {
        using var clients = new PostgresClients(client ?? new DatabaseSettings());
        var job = new BackupJob(settings, new MigrationSettings(), clients, new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance), TimeProvider.System);
        return await job.RunAsync(new BackupRequest(database, BackupKind.Manual, [store], "command"), null, Cancel);
    }

    private async Task<List<string>> NamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var item in store.ListAsync(prefix, "", Cancel)) names.Add(item.Name);
        return names;
    }
}
