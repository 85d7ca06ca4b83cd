using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Storage;

/// <summary>A bucket of its own for one test, removed with all that is in it; and a client that knows nothing of our stores.</summary>
internal sealed class S3TestBucket : IAsyncDisposable
{
    public const string Prefix = "db-backups/";

    private S3TestBucket(S3Access access)
    {
        Access = access;
        var config = new AmazonS3Config { ServiceURL = access.Endpoint.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "eu-west-3" };
        Client = new AmazonS3Client(new BasicAWSCredentials(access.AccessKey, access.SecretKey), config);
    }

    public string Name { get; } = $"ds-{Guid.NewGuid():n}"[..24];

    public S3Access Access { get; }

    public AmazonS3Client Client { get; }

    public static async Task<S3TestBucket> CreateAsync(S3Server server, bool withObjectLock = false)
    {
        var bucket = new S3TestBucket(await server.AccessAsync());
        await bucket.Client.PutBucketAsync(new PutBucketRequest { BucketName = bucket.Name, ObjectLockEnabledForBucket = withObjectLock });
        return bucket;
    }

    /// <summary>The settings of a store in this bucket; a test changes what it is about.</summary>
    public S3Settings Settings(Uri? endpoint = null) => new()
    {
        Endpoint = endpoint ?? Access.Endpoint,
        AccessKeyId = Access.AccessKey,
        SecretAccessKey = Access.SecretKey,
        Bucket = Name,
        Prefix = Prefix,
    };

    public S3BackupStore Open(TimeProvider clock, S3Settings? settings = null, StorePatience? patience = null) =>
        new(settings ?? Settings(), patience ?? new StorePatience(), clock, NullLogger.Instance);

    public Task PutAsync(string key, byte[] content) =>
        Client.PutObjectAsync(new PutObjectRequest { BucketName = Name, Key = key, InputStream = new MemoryStream(content) });

    public async Task<List<MultipartUpload>> UploadsAsync() =>
        (await Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = Name })).MultipartUploads ?? [];

    public async ValueTask DisposeAsync()
    {
        foreach (var upload in await UploadsAsync())
            await Client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = Name, Key = upload.Key, UploadId = upload.UploadId });
        while ((await Client.ListVersionsAsync(new ListVersionsRequest { BucketName = Name })).Versions is { Count: > 0 } versions)
            await Client.DeleteObjectsAsync(new DeleteObjectsRequest
            {
                BucketName = Name,
                Quiet = true,
                BypassGovernanceRetention = true,
                Objects = [.. versions.Select(version => new KeyVersion { Key = version.Key, VersionId = version.VersionId })],
            });
        await Client.DeleteBucketAsync(Name);
        Client.Dispose();
    }
}
