using DeepSight.Core;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Storage.Faults;

namespace DeepSight.Tests.Storage;

/// <summary>Downloads that are cut go on where they stopped, and never with other content.</summary>
public sealed class S3ReadTests(S3Server server)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private static readonly StorePatience Hasty = new() { FirstDelay = TimeSpan.FromMilliseconds(2), Stall = TimeSpan.FromSeconds(3), PatientRetries = 3 };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultKind.Truncated)]
    [InlineData(FaultKind.Hang)]
    [InlineData(FaultKind.SlowDown)]
    public async Task A_download_that_is_cut_again_and_again_goes_on(FaultKind kind)
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address), Hasty);
        var content = StoreExtensions.Bytes(5_000_000);
        await store.UploadAsync(Name, content);

        // Truncated: each answer brings half of what is left, so that every attempt gets somewhere.
        proxy.Set(new Fault(StoreCall.Get, kind, After: true, Times: kind == FaultKind.Truncated ? 8 : 2));
        Assert.Equal(content[1_000..], await store.ReadAsync(Name, 1_000));
    }

    [Fact]
    public async Task A_download_that_never_gets_anywhere_fails()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address), Hasty);
        await store.UploadAsync(Name, StoreExtensions.Bytes(1));
        proxy.Set(new Fault(StoreCall.Get, FaultKind.Truncated, After: true, Times: int.MaxValue));
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => store.ReadAsync(Name));
        Assert.Contains("broke during the download", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_never_goes_on_with_other_content()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address), Hasty);
        await store.UploadAsync(Name, StoreExtensions.Bytes(5_000_000, seed: 1));
        proxy.Set(new Fault(StoreCall.Get, FaultKind.Truncated, After: true, Times: 1));

        await using var stream = await store.OpenReadAsync(Name, 0, null, Cancelled);
        await bucket.PutAsync(S3TestBucket.Prefix + Name, StoreExtensions.Bytes(5_000_000, seed: 2));
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => stream.CopyToAsync(Stream.Null, Cancelled));
        Assert.Equal(FailureKind.Corrupt, failure.Kind);
    }
}
