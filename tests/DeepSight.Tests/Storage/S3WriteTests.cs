using System.Security.Cryptography;
using Amazon.S3.Model;
using DeepSight.Core;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Storage.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Storage;

/// <summary>What only a bucket does: other clients, limits of parts, services that are slow or lack something.</summary>
public sealed class S3WriteTests(S3Server server)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private static readonly StorePatience Hasty = new() { FirstDelay = TimeSpan.FromMilliseconds(2), PatientRetries = 3, Settle = TimeSpan.FromMilliseconds(300) };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_client_reads_the_very_bytes()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var store = bucket.Open(TimeProvider.System);
        var content = StoreExtensions.Bytes(20_000_000);
        await store.UploadAsync(Name, content, 77);
        using var found = await bucket.Client.GetObjectAsync(bucket.Name, S3TestBucket.Prefix + Name, Cancelled);
        Assert.Equal(SHA256.HashData(content), await SHA256.HashDataAsync(found.ResponseStream, Cancelled));
    }

    [Fact]
    public async Task Exactly_as_many_parts_as_allowed_are_used_and_one_more_is_refused()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var store = new S3BackupStore(bucket.Settings(), Hasty, TimeProvider.System, NullLogger.Instance) { Plan = new PartPlan(2, 5) };
        await store.UploadAsync(Name, StoreExtensions.Bytes(10 << 20), 9);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => store.UploadAsync("app_20260212_030000.sql.gz", StoreExtensions.Bytes((10 << 20) + 1), 9));
        Assert.Contains("BACKUP_S3_MAX_PARTS", failure.Hint, StringComparison.Ordinal);
        Assert.Equal([Name], await store.NamesAsync());
        Assert.Empty(await bucket.UploadsAsync());
    }

    [Fact]
    public async Task A_service_without_conditional_writes_is_noticed_and_used_with_care()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.Overwrite = path => bucket.Client.DeleteObjectAsync(bucket.Name, path.Split('/', 3)[2], Cancelled);
        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address), Hasty);

        var checks = await store.CheckAsync(null, Cancelled).ToListAsync(Cancelled);
        var conditional = Assert.Single(checks, check => check.Outcome != CheckOutcome.Ok);
        Assert.Equal(("conditional put", CheckOutcome.Warning), (conditional.Name, conditional.Outcome));

        var won = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => store.TryCreateAsync(Name + ".pending", new[] { (byte)i }, Cancelled)));
        Assert.Single(won, w => w);
        await store.UploadAsync(Name, StoreExtensions.Bytes(10));
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => store.UploadAsync(Name, StoreExtensions.Bytes(11)));
        Assert.Equal(FailureKind.Busy, failure.Kind);
    }

    [Fact]
    public async Task A_service_that_refuses_conditions_is_asked_without_them()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.RefusesConditions = true;
        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address), Hasty);
        Assert.True(await store.TryCreateAsync(Name + ".pending", "x"u8.ToArray(), Cancelled));
        Assert.False(await store.TryCreateAsync(Name + ".pending", "y"u8.ToArray(), Cancelled));
        await store.UploadAsync(Name, StoreExtensions.Bytes(9_000_000));
        Assert.Equal([Name, Name + ".pending"], await store.NamesAsync());
    }

    [Fact]
    public async Task A_service_that_can_create_but_not_replace_on_condition_gives_a_lease_to_one()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.RefusesIfMatch = true;
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var store = bucket.Open(clock, bucket.Settings(proxy.Address), Hasty);
        var minutes = TimeSpan.FromMinutes(10);

        for (var round = 0; round < 3; round++)
        {
            var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => store.TryLeaseAsync("retention", minutes, Cancelled)));
            var holder = Assert.Single(taken, lease => lease is not null)!;
            await holder.RenewAsync(Cancelled);
            if (round == 1) await holder.DisposeAsync();
            else clock.Advance(minutes * 2);
        }

        var objects = await bucket.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket.Name }, Cancelled);
        Assert.Equal(S3TestBucket.Prefix + "leases/retention.json", Assert.Single(objects.S3Objects).Key);
    }

    [Fact]
    public async Task A_claim_on_a_lease_that_a_crash_left_does_not_hold_it_for_ever()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.RefusesIfMatch = true;
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var store = bucket.Open(clock, bucket.Settings(proxy.Address), Hasty);
        var lease = "leases/retention.json";
        await using var dead = await store.TryLeaseAsync("retention", TimeSpan.FromMinutes(1), Cancelled);
        await bucket.PutAsync(S3TestBucket.Prefix + S3Claim.NameFor(lease, (await store.FindAsync(lease, Cancelled))!.Version), "{}"u8.ToArray());

        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(await store.TryLeaseAsync("retention", TimeSpan.FromMinutes(1), Cancelled));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await store.TryLeaseAsync("retention", TimeSpan.FromMinutes(1), Cancelled));
        await using var next = await store.TryLeaseAsync("retention", TimeSpan.FromMinutes(1), Cancelled);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task An_upload_outlives_a_service_that_asks_to_slow_down_for_a_while()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        var isFull = Matrix.IsFull;
        // A minute with the patience of every day, or two seconds with a thirtieth of it.
        var scale = isFull ? 1 : 30;
        var patience = new StorePatience { FirstDelay = new StorePatience().FirstDelay / scale, LongestDelay = new StorePatience().LongestDelay / scale };
        var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1) / scale;
        proxy.Answer = _ => TimeProvider.System.GetUtcNow() < until ? (503, "SlowDown", "Please reduce your request rate.") : null;

        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address), patience);
        var content = StoreExtensions.Bytes(20_000_000);
        await store.UploadAsync(Name, content, 5);
        Assert.Equal(content, await store.ReadAsync(Name));
    }

    [Fact]
    public async Task A_slow_service_slows_the_writer_down()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint, bytesPerSecond: 100_000);
        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address), Hasty);
        await using var upload = await store.BeginUploadAsync(Name, Cancelled);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);

        var (written, piece) = (0, StoreExtensions.Bytes(1 << 20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (written < 1_000)
            {
                enough.CancelAfter(TimeSpan.FromSeconds(3));
                await upload.WriteAsync(piece, enough.Token);
                written++;
            }
        });
        Assert.InRange(written, 32, 96);
    }
}
