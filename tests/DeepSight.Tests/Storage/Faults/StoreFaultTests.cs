using DeepSight.Core;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Blobs;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Queues;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Storage.Faults;

/// <summary>
/// Every kind of request fails in every way, before and after it was carried out, once or for good: then either the whole
/// object is there or nothing, and no unfinished upload once the sweep has run. All of it with DEEPSIGHT_TEST_FULL=1,
/// otherwise a sample by the seed of the day.
/// </summary>
public sealed class StoreFaultTests(S3Server server, SharedAzurite azurite)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";
    private const string Pending = Name + ".pending";
    private const int SampleSize = 16;

    /// <summary>Fewer: each of them is one more for the time that the suite takes.</summary>
    private const int AzureSampleSize = 10;

    private static readonly StoreCall[] AzureCalls =
        [StoreCall.Put, StoreCall.Part, StoreCall.Complete, StoreCall.Head, StoreCall.Get, StoreCall.List, StoreCall.ListUploads, StoreCall.Delete, StoreCall.Lease];

    private static readonly byte[] Content = StoreExtensions.Bytes(12 << 20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_any_fault_the_whole_object_is_there_or_nothing()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        var calls = Enum.GetValues<StoreCall>().Except([StoreCall.Retention, StoreCall.Lease]); // the first asked only where a lock is set, the second of Azure
        foreach (var fault in Fault.Sample(calls, SampleSize))
        {
            using var store = new S3BackupStore(bucket.Settings(proxy.Address), Fault.Hasty, TimeProvider.System, NullLogger.Instance) { Plan = new PartPlan(10_000, fixedMiB: 5) };
            await CheckAsync(store, proxy, fault, Content);
            Assert.True((await bucket.UploadsAsync()).Count == 0, $"{fault}: an unfinished upload is left");
        }
    }

    [Fact]
    public async Task After_any_fault_the_whole_blob_is_there_or_nothing()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        await using var proxy = await FaultProxy.StartAsync(container.Endpoint);
        foreach (var fault in Fault.Sample(AzureCalls, AzureSampleSize))
        {
            // A request that was given up may still be carried out: each fault has names of its own.
            var settings = new AzureSettings { Connection = container.Connection(proxy.Address), Container = container.Name, Prefix = $"{Guid.NewGuid():n}/" };
            using var store = new AzureBackupStore(settings, Fault.Hasty, TimeProvider.System, NullLogger.Instance) { Plan = new PartPlan(10_000, fixedMiB: 1) };
            await CheckAsync(store, proxy, fault, Content[..(3 << 20)]);
        }
    }

    private static async Task CheckAsync(IBackupStore store, FaultProxy proxy, Fault fault, byte[] content)
    {
        proxy.Set(fault);
        var failure = await Record.ExceptionAsync(() => BackUpAsync(store, content));
        Assert.True(proxy.Hits > 0, $"{fault} never happened: {failure}");
        proxy.Set(null);

        // One lost request is nothing that an operator should hear of.
        Assert.True(failure is null or DeepSightException { Hint: not null }, $"{fault}: {failure}");
        if (fault.Times == 1) Assert.True(failure is null, $"{fault}: {failure}");

        var names = await store.NamesAsync();
        if (failure is null) Assert.Equal([Name], names);
        if (names.Contains(Name)) Assert.True(Same(content, await store.ReadAsync(Name)), $"{fault}: half");
        await store.SweepUnfinishedAsync(null, TimeProvider.System.GetUtcNow().AddHours(1), Cancelled);
        await store.DeleteAsync([Name, Pending, Name + ".given-up"], Cancelled);
    }

    private static bool Same(byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other);

    /// <summary>What a backup does to a store, and then some, so that each kind of request occurs.</summary>
    private static async Task BackUpAsync(IBackupStore store, byte[] content)
    {
        Assert.True(await store.TryCreateAsync(Pending, "x"u8.ToArray(), Cancelled));
        var stored = await store.UploadAsync(Name, content, pieces: 50);
        Assert.Equal(content.Length, stored.Size);
        await using (var upload = await store.BeginUploadAsync(Name + ".given-up", Cancelled))
        {
            await upload.WriteAsync(content.AsMemory(0, content.Length / 2), Cancelled);
            await store.SweepUnfinishedAsync(null, TimeProvider.System.GetUtcNow().AddHours(1), Cancelled);
        }

        Assert.Equal([Name, Pending], await store.NamesAsync());
        Assert.True(Same(content, await store.ReadAsync(Name, 0, stored.Version)));
        await using (var lease = await store.TryLeaseAsync("retention", TimeSpan.FromMinutes(1), Cancelled)) Assert.True(lease is not null || store.Kind == "Azure");
        await store.DeleteAsync([Pending, "missing"], Cancelled);
        await store.DeleteAsync(["missing"], Cancelled);
    }
}
