using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Retention;

public sealed class S3RetentionTests(S3Server server) : RetentionJobContract
{
    [Fact]
    public async Task What_is_under_object_lock_stays_until_it_ends_and_says_so()
    {
        await using var test = await OpenAsync();
        await FillAsync(test.Store, days: 12);
        var result = await RunAsync([new HookedStore(test.Store) { LockDays = 9 }], Rules(("BACKUP_RETENTION_DAYS", "5")));

        Assert.Equal(3, result.Stores[0].Deleted.Count);
        Assert.Equal(3, result.Stores[0].Plan.Kept.Count(decision => decision.Reasons is [var only] && only.StartsWith("object lock until ", StringComparison.Ordinal)));
    }

    protected override async Task<StoreUnderTest> OpenAsync()
    {
        var bucket = await S3TestBucket.CreateAsync(server);
        var store = bucket.Open(Clock);
        return new StoreUnderTest(store,
            (name, content) => bucket.PutAsync(S3TestBucket.Prefix + name, content),
            async () => (await bucket.UploadsAsync()).Count,
            async () => { store.Dispose(); await bucket.DisposeAsync(); });
    }
}
