using Amazon.S3.Model;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage.Faults;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Storage;

/// <summary>Object lock; of the S3 servers of the tests only Ceph's has it.</summary>
public sealed class S3ObjectLockTests(S3Server server, PostgresServers servers)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_is_locked_and_the_files_beside_it_are_not()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server, withObjectLock: true);
        var settings = With(bucket, ObjectLock.Governance, 3);
        using var store = bucket.Open(TimeProvider.System, settings);
        Assert.Equal((null, null), await UploadAsync(store, Name, 10));
        Assert.Equal((null, null), await UploadAsync(store, "pre-restore/" + Name, 9_000_000));
        await store.TryCreateAsync(Name + ".pending", "x"u8.ToArray(), Cancelled);

        foreach (var name in (string[])[Name, "pre-restore/" + Name])
        {
            var locked = await bucket.Client.GetObjectRetentionAsync(new GetObjectRetentionRequest { BucketName = bucket.Name, Key = S3TestBucket.Prefix + name }, Cancelled);
            Assert.Equal("GOVERNANCE", locked.Retention.Mode.Value);
            Assert.InRange(locked.Retention.RetainUntilDate!.Value.ToUniversalTime(), TimeProvider.System.GetUtcNow().AddDays(2.9).UtcDateTime, TimeProvider.System.GetUtcNow().AddDays(3.1).UtcDateTime);
        }

        var marker = await bucket.Client.GetObjectMetadataAsync(bucket.Name, S3TestBucket.Prefix + Name + ".pending", Cancelled);
        Assert.Null(marker.ObjectLockMode);
    }

    [Fact]
    public async Task A_lock_on_a_bucket_that_has_none_is_explained()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var store = bucket.Open(TimeProvider.System, With(bucket, ObjectLock.Compliance, 1));
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => store.UploadAsync(Name, StoreExtensions.Bytes(10)));
        Assert.Contains("object lock", failure.Message, StringComparison.Ordinal);
        Assert.Contains("BACKUP_S3_OBJECT_LOCK", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(9_000_000)]
    public async Task A_service_that_takes_a_lock_and_keeps_nothing_of_it_is_found_out(int bytes)
    {
        await using var bucket = await S3TestBucket.CreateAsync(server, withObjectLock: true);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.ForgetsLocks = true;
        using var store = bucket.Open(TimeProvider.System, With(bucket, ObjectLock.Governance, 3, proxy.Address));

        var (shortfall, doubt) = await UploadAsync(store, Name, bytes);

        Assert.Null(doubt);
        Assert.Contains($"'{Name}' is in {store.Location}, but it is not locked", shortfall?.Message, StringComparison.Ordinal);
        Assert.Contains("unset BACKUP_S3_OBJECT_LOCK", shortfall?.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_is_weaker_or_shorter_than_asked_for_is_found_out()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server, withObjectLock: true);
        using (var store = bucket.Open(TimeProvider.System, With(bucket, ObjectLock.Governance, 3))) await store.UploadAsync(Name, StoreExtensions.Bytes(10));

        var weaker = await ProveAsync(bucket, ObjectLock.Compliance, 3);
        var shorter = await ProveAsync(bucket, ObjectLock.Governance, 30);

        Assert.Contains("is locked less than asked for: governance until", weaker.Shortfall?.Message, StringComparison.Ordinal);
        Assert.Contains("is locked less than asked for: governance until", shorter.Shortfall?.Message, StringComparison.Ordinal);
        Assert.Equal((null, null), await ProveAsync(bucket, ObjectLock.Governance, 2));

        await bucket.PutAsync(S3TestBucket.Prefix + Name, [1]);
        Assert.Contains("it is not locked", (await ProveAsync(bucket, ObjectLock.Governance, 3)).Shortfall?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_may_not_look_leaves_a_doubt_and_no_failure()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server, withObjectLock: true);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        // As AWS answers without s3:GetObjectRetention: nothing of a lock in the HEAD, and a refusal to the question.
        proxy.ForgetsLocks = true;
        proxy.Answer = call => call == StoreCall.Retention ? (403, "AccessDenied", "Access Denied") : null;
        using var store = bucket.Open(TimeProvider.System, With(bucket, ObjectLock.Governance, 3, proxy.Address));

        var (shortfall, doubt) = await UploadAsync(store, Name, 10);

        Assert.Null(shortfall);
        Assert.Contains($"Whether '{Name}' is locked could not be seen", doubt, StringComparison.Ordinal);
        Assert.Contains("s3:GetObjectRetention", doubt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, CheckOutcome.Ok)]
    [InlineData(false, CheckOutcome.Failed)]
    public async Task Doctor_asks_the_bucket_for_object_lock_and_leaves_nothing(bool has, CheckOutcome expected)
    {
        await using var bucket = await S3TestBucket.CreateAsync(server, withObjectLock: has);
        using var store = bucket.Open(TimeProvider.System, With(bucket, ObjectLock.Compliance, 3));
        using var without = bucket.Open(TimeProvider.System);

        var check = (await store.CheckAsync(null, Cancelled).ToListAsync(Cancelled)).Single(check => check.Name == "object lock");

        Assert.Equal(expected, check.Outcome);
        Assert.DoesNotContain(await without.CheckAsync(null, Cancelled).ToListAsync(Cancelled), other => other.Name == "object lock");
        Assert.Empty(await store.NamesAsync());
    }

    [Fact]
    public async Task A_backup_that_is_not_locked_is_kept_and_its_run_has_failed()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server, withObjectLock: true);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.ForgetsLocks = true;
        using var store = bucket.Open(TimeProvider.System, With(bucket, ObjectLock.Governance, 3, proxy.Address));
        using var clients = new PostgresClients(new DatabaseSettings());
        var journal = new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance);
        var job = new BackupJob(new BackupSettings(), new MigrationSettings(), clients, journal, TimeProvider.System);

        var result = await job.RunAsync(new BackupRequest(await servers.NewDatabaseAsync(17), BackupKind.Scheduled, [store], "timer"), null, Cancelled);

        Assert.Same(result, result.ThrowIfIncomplete());
        Assert.Contains("is not locked", result.Failure?.Message, StringComparison.Ordinal);
        Assert.Contains($"The backup is complete in {store.Location}", result.Failure?.Hint, StringComparison.Ordinal);
        Assert.True(Assert.Single(await new BackupCatalog(store, "deepsight").ListAsync(Cancelled)).IsGood);
        var run = Assert.Single((await new RunHistory(TimeProvider.System).ListAsync([store], 10, _ => true, Cancelled)).Runs);
        Assert.Equal((RunStatus.Failed, result.Manifest.Name), (run.Status, run.Backup));
    }

    private static async Task<(DeepSightException? Shortfall, string? Doubt)> UploadAsync(S3BackupStore store, string name, int bytes)
    {
        await using var upload = await store.BeginUploadAsync(name, Cancelled);
        await upload.WriteAsync(StoreExtensions.Bytes(bytes), Cancelled);
        await upload.CompleteAsync(Cancelled);
        return (upload.Shortfall, upload.Doubt);
    }

    private static async Task<(DeepSightException? Shortfall, string? Doubt)> ProveAsync(S3TestBucket bucket, ObjectLock mode, int days)
    {
        using var asked = new Core.Storage.S3.S3Bucket(With(bucket, mode, days), new StorePatience(), TimeProvider.System, NullLogger.Instance, null);
        return await S3LockProof.FindAsync(asked, Name, TimeProvider.System.GetUtcNow().AddDays(days).UtcDateTime, Cancelled);
    }

    private static S3Settings With(S3TestBucket bucket, ObjectLock mode, int days, Uri? endpoint = null) => new()
    {
        Endpoint = endpoint ?? bucket.Access.Endpoint,
        AccessKeyId = bucket.Access.AccessKey,
        SecretAccessKey = bucket.Access.SecretKey,
        Bucket = bucket.Name,
        Prefix = S3TestBucket.Prefix,
        ObjectLock = mode,
        ObjectLockDays = days,
    };
}
