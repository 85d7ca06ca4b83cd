namespace DeepSight.Tests.Storage;

public sealed class S3BackupStoreTests(S3Server server) : BackupStoreContract
{
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
