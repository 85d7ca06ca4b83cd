using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Storage;

public sealed class S3ListingTests(S3Server server)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_objects_than_fit_in_two_pages_are_listed_in_order_and_deleted()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var store = bucket.Open(new FakeTimeProvider());
        var names = Enumerable.Range(0, 2_500).Select(i => $"app_{i / 100:00000000}_{i % 100:000000}.sql.gz").ToArray();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancelled },
            async (name, _) => await bucket.PutAsync(S3TestBucket.Prefix + name, [1]));

        Assert.Equal(names, await store.NamesAsync());
        await store.DeleteAsync(names, Cancelled);
        Assert.Empty(await store.NamesAsync());
    }

    [Theory]
    [InlineData("backups", "backups/")]
    [InlineData("/a/b/", "a/b/")]
    [InlineData("/", "")]
    public async Task A_prefix_gets_the_slash_that_it_lacks(string prefix, string expected)
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        var settings = new Core.Storage.S3Settings
        {
            Endpoint = bucket.Access.Endpoint,
            AccessKeyId = bucket.Access.AccessKey,
            SecretAccessKey = bucket.Access.SecretKey,
            Bucket = bucket.Name,
            Prefix = prefix,
        };
        using var store = bucket.Open(new FakeTimeProvider(), settings);
        await bucket.PutAsync(expected + "app_20260101_000000.sql.gz", [1]);
        await bucket.PutAsync(expected.TrimEnd('/') + "-other/app_20260101_000000.sql.gz", [1]);

        Assert.Contains("app_20260101_000000.sql.gz", await store.NamesAsync());
        Assert.Equal($"s3://{bucket.Name}/{expected}", store.Location);
        if (expected.Length > 0) Assert.Single(await store.NamesAsync());
    }
}
