using Amazon.S3.Model;
using DeepSight.Core;
using DeepSight.Core.Storage;

namespace DeepSight.Tests.Storage;

/// <summary>Object lock; of the S3 servers of the tests only Ceph's has it.</summary>
public sealed class S3ObjectLockTests(S3Server server)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_is_locked_and_the_files_beside_it_are_not()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server, withObjectLock: true);
        var settings = With(bucket, ObjectLock.Governance, 3);
        using var store = bucket.Open(TimeProvider.System, settings);
        await store.UploadAsync(Name, StoreExtensions.Bytes(10));
        await store.UploadAsync("pre-restore/" + Name, StoreExtensions.Bytes(9_000_000));
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

    private static S3Settings With(S3TestBucket bucket, ObjectLock mode, int days) => new()
    {
        Endpoint = bucket.Access.Endpoint,
        AccessKeyId = bucket.Access.AccessKey,
        SecretAccessKey = bucket.Access.SecretKey,
        Bucket = bucket.Name,
        Prefix = S3TestBucket.Prefix,
        ObjectLock = mode,
        ObjectLockDays = days,
    };
}
