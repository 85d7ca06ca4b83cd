using System.Security.Cryptography;
using Amazon.S3.Model;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Local;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using DeepSight.Tests.Storage.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Backup;

/// <summary>One dump, two destinations: the directory and S3.</summary>
public sealed class UploadedBackupTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private const string Small = "create table t (id int primary key, name text); insert into t select n, 'row ' || n from generate_series(1, 1000) n;";

    /// <summary>Stored in a little more than one part of 5 MiB.</summary>
    private const string Large = "create table large as select n, (select string_agg(encode(sha512((n || '-' || i)::text::bytea), 'base64'), '') from generate_series(1, 60) i) as body from generate_series(1, 1400) n;";

    private const int SampleSize = 14;

    private static readonly StoreCall[] Calls = [StoreCall.List, StoreCall.Head, StoreCall.Get, StoreCall.Put, StoreCall.Initiate, StoreCall.Part, StoreCall.Complete, StoreCall.Delete];

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Another_client_reads_what_the_manifest_says()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        using var remote = bucket.Open(TimeProvider.System);

        var result = await RunAsync(await servers.NewDatabaseAsync(17, Large), TimeProvider.System, Local(), remote);

        // Plain HTTP, without the SDK.
        var address = await bucket.Client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = bucket.Name,
            Key = S3TestBucket.Prefix + result.Manifest.Name,
            Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
            Protocol = Amazon.S3.Protocol.HTTP,
        });
        using var http = new HttpClient();
        var content = await http.GetByteArrayAsync(new Uri(address), Cancelled);
        Assert.Equal(result.Manifest.Sha256, Convert.ToHexStringLower(SHA256.HashData(content)));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(folder.Path, result.Manifest.Name), Cancelled));
        Assert.Equal(result.Manifest.StoredBytes, content.Length);
        Assert.Null(result.Failure);
    }

    [Fact]
    public async Task An_upload_that_fails_leaves_the_local_backup_and_says_where_it_is()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.Answer = call => call == StoreCall.Part ? (403, "AccessDenied", "") : null;
        using var remote = Faulty(bucket, proxy);
        var local = Local();

        var result = await RunAsync(await servers.NewDatabaseAsync(17, Large), TimeProvider.System, local, remote);

        var thrown = Assert.Throws<DeepSightException>(result.ThrowIfIncomplete);
        Assert.Contains("AccessDenied on s3:PutObject", thrown.Message, StringComparison.Ordinal);
        Assert.Contains($"complete in {folder.Path}: {result.Manifest.Name}", thrown.Hint, StringComparison.Ordinal);
        await FileCheck.RunAsync(Catalog(local), result.Manifest, Cancelled);
        Assert.All(await remote.NamesAsync(), name => Assert.StartsWith("runs/", name));
        Assert.Empty(await bucket.UploadsAsync());
        Assert.Contains("\"failed\"", await File.ReadAllTextAsync(local.PathOf(Assert.Single(await local.NamesAsync("runs/"))), Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task After_any_fault_the_whole_backup_is_listed_or_nothing_and_retention_leaves_no_rest()
    {
        var database = await servers.NewDatabaseAsync(17, Large);
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        using var direct = bucket.Open(TimeProvider.System);
        await RunAsync(database, TimeProvider.System, direct);
        foreach (var fault in Fault.Sample(Calls, SampleSize))
        {
            using var faulty = Faulty(bucket, proxy);
            proxy.Set(fault);
            var result = await RunAsync(database, TimeProvider.System, Local(), faulty);
            Assert.True(proxy.Hits > 0, $"{fault} never happened");
            proxy.Set(null);

            // The directory has it whatever happens in the bucket; one lost request stops nothing.
            await FileCheck.RunAsync(Catalog(Local()), result.Manifest, Cancelled);
            if (fault.Times == 1) Assert.True(result.Failure is null, $"{fault}: {result.Failure}");
            await CheckBucketAsync(bucket, direct, result, fault);
        }
    }

    [Fact]
    public async Task Two_backups_that_take_one_name_at_the_same_moment_get_two_names()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var databases = new[] { await servers.NewDatabaseAsync(17, Small), await servers.NewDatabaseAsync(17, Large) };

        var results = await Task.WhenAll(databases.Select(async database =>
        {
            using var remote = bucket.Open(clock);
            return await RunAsync(database, clock, remote);
        }));

        using var store = bucket.Open(TimeProvider.System);
        Assert.Equal(results.Select(result => result.Manifest.Name).Order(), (await Catalog(store).ListAsync(Cancelled)).Select(entry => entry.Name.ToString()).Order());
        Assert.Equal(2, results.Select(result => result.Manifest.Name).Distinct().Count());
        foreach (var result in results) await FileCheck.RunAsync(Catalog(store), result.Manifest, Cancelled);
    }

    [Fact]
    public async Task A_backup_that_runs_for_days_keeps_its_marker_young()
    {
        var (store, clock, name) = (Local(), new FakeTimeProvider(TimeProvider.System.GetUtcNow()), BackupName.TryParse("deepsight_20260212_030000.sql.gz", "deepsight")!);
        await using var upload = new BackupUpload([store], "", clock);
        await upload.BeginAsync(name, Cancelled);
        var began = (await store.FindAsync(name.Pending, Cancelled))!;

        await upload.WriteAsync("x"u8.ToArray(), Cancelled);
        Assert.Equal(began, await store.FindAsync(name.Pending, Cancelled));
        clock.Advance(TimeSpan.FromHours(2));
        await upload.WriteAsync("y"u8.ToArray(), Cancelled);

        Assert.True((await store.FindAsync(name.Pending, Cancelled))!.LastModified > began.LastModified);
    }

    private static async Task CheckBucketAsync(S3TestBucket bucket, S3BackupStore store, BackupResult result, Fault fault)
    {
        var name = BackupName.TryParse(result.Manifest.Name, "deepsight")!;
        var isListed = (await Catalog(store).ListAsync(Cancelled)).Any(entry => entry.Name == name);
        if (result.Failure is null) Assert.True(isListed, $"{fault}: lost");
        if (isListed) await FileCheck.RunAsync(Catalog(store), (await Catalog(store).ReadManifestAsync(name, Cancelled))!, Cancelled);

        var later = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(2));
        var settings = DeepSightSettings.Load(new SettingsSource());
        var retention = new RetentionJob(settings.Retention, settings.Backup, settings.Database, settings.Restore, new RunJournal(later, NullLogger<RunJournal>.Instance), new RunHistory(later), later);
        Assert.Empty((await retention.RunAsync(new RetentionRequest([store], "command", Force: false, DryRun: false), Cancelled)).Failures);

        Assert.True((await bucket.UploadsAsync()).Count == 0, $"{fault}: an unfinished upload is left");
        var left = await store.NamesAsync(result.Manifest.Name);
        Assert.True(left.Count == 0 || left.SequenceEqual([name.ToString(), name.Access, name.Manifest]), $"{fault}: {string.Join(' ', left)}");
        if (left.Count > 0) await FileCheck.RunAsync(Catalog(store), result.Manifest, Cancelled);
    }

    /// <summary>With small parts, so that every kind of request occurs.</summary>
    private static S3BackupStore Faulty(S3TestBucket bucket, FaultProxy proxy) =>
        new(bucket.Settings(proxy.Address), Fault.Hasty, TimeProvider.System, NullLogger.Instance) { Plan = new PartPlan(10_000, fixedMiB: 5) };

    private LocalBackupStore Local() => new(folder.Path, TimeProvider.System);

    private static BackupCatalog Catalog(IBackupStore store) => new(store, "deepsight");

    private static async Task<BackupResult> RunAsync(DatabaseUrl database, TimeProvider clock, params IBackupStore[] stores)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        var job = new BackupJob(new BackupSettings(), new MigrationSettings(), clients, new RunJournal(clock, NullLogger<RunJournal>.Instance), clock);
        return await job.RunAsync(new BackupRequest(database, BackupKind.Manual, stores, "command"), null, Cancelled);
    }
}
