using DeepSight.Core;
using DeepSight.Core.Storage.S3;

namespace DeepSight.Tests.Storage.Faults;

/// <summary>
/// Every kind of request fails in every way, before and after it was carried out, once or for good: then either the whole
/// object is there or nothing, and no unfinished upload once the sweep has run. All of it with DEEPSIGHT_TEST_FULL=1,
/// otherwise a sample by the seed of the day.
/// </summary>
public sealed class S3FaultTests(S3Server server)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";
    private const string Pending = Name + ".pending";
    private const int SampleSize = 40;

    private static readonly S3Patience Hasty = new()
    {
        Stall = TimeSpan.FromMilliseconds(700),
        Complete = TimeSpan.FromMilliseconds(700),
        FirstDelay = TimeSpan.FromMilliseconds(2),
        LongestDelay = TimeSpan.FromMilliseconds(10),
        BriefRetries = 1,
        PatientRetries = 2,
        Settle = TimeSpan.FromMilliseconds(50),
    };

    private static readonly byte[] Content = StoreExtensions.Bytes(12 << 20);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_any_fault_the_whole_object_is_there_or_nothing()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        foreach (var fault in Sample())
            await CheckAsync(bucket, proxy, fault);
    }

    private static IEnumerable<Fault> Sample()
    {
        var all = (
            from call in Enum.GetValues<S3Call>().Except([S3Call.Retention]) // asked only where a lock is set
            from kind in Enum.GetValues<FaultKind>()
            from after in (bool[])[false, true]
            from times in (int[])[1, int.MaxValue]
            select new Fault(call, kind, after, times)).ToArray();
        if (Matrix.IsFull) return all;

        var seed = TimeProvider.System.GetUtcNow().DayOfYear;
        TestContext.Current.SendDiagnosticMessage($"faults: a sample of {SampleSize} of {all.Length}, seed {seed}");
        new Random(seed).Shuffle(all);
        return all.Take(SampleSize);
    }

    private static async Task CheckAsync(S3TestBucket bucket, FaultProxy proxy, Fault fault)
    {
        using var store = new S3BackupStore(bucket.Settings(proxy.Address), Hasty, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance)
        {
            Plan = new PartPlan(10_000, fixedMiB: 5),
        };
        proxy.Set(fault);
        var failure = await Record.ExceptionAsync(() => BackUpAsync(store));
        Assert.True(proxy.Hits > 0, $"{fault} never happened");
        proxy.Set(null);

        // One lost request is nothing that an operator should hear of.
        Assert.True(failure is null or DeepSightException { Hint: not null }, $"{fault}: {failure}");
        if (fault.Times == 1) Assert.True(failure is null, $"{fault}: {failure}");

        var names = await store.NamesAsync();
        if (failure is null) Assert.Equal([Name], names);
        if (names.Contains(Name)) Assert.True(Same(Content, await store.ReadAsync(Name)), $"{fault}: half");
        await store.SweepUnfinishedAsync(null, TimeProvider.System.GetUtcNow().AddHours(1), Cancelled);
        Assert.True((await bucket.UploadsAsync()).Count == 0, $"{fault}: an unfinished upload is left");
        await store.DeleteAsync([Name, Pending, Name + ".given-up"], Cancelled);
    }

    private static bool Same(byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other);

    /// <summary>What a backup does to a store, and then some, so that each kind of request occurs.</summary>
    private static async Task BackUpAsync(S3BackupStore store)
    {
        Assert.True(await store.TryCreateAsync(Pending, "x"u8.ToArray(), Cancelled));
        var stored = await store.UploadAsync(Name, Content, pieces: 50);
        Assert.Equal(Content.Length, stored.Size);
        await using (var upload = await store.BeginUploadAsync(Name + ".given-up", Cancelled))
        {
            await upload.WriteAsync(Content.AsMemory(0, 6 << 20), Cancelled);
            await store.SweepUnfinishedAsync(null, TimeProvider.System.GetUtcNow().AddHours(1), Cancelled);
        }

        Assert.Equal([Name, Pending], await store.NamesAsync());
        Assert.True(Same(Content, await store.ReadAsync(Name, 0, stored.Version)));
        await store.DeleteAsync([Pending, "missing"], Cancelled);
        await store.DeleteAsync(["missing"], Cancelled);
    }
}
