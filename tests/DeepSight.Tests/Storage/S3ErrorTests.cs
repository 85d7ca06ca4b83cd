using System.Net;
using System.Net.Sockets;
using Amazon.S3.Model;
using DeepSight.Core;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Storage.Faults;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Storage;

/// <summary>What goes wrong for good is said clearly: what failed, on what, then what to do; and never a secret.</summary>
public sealed class S3ErrorTests(S3Server server)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";
    private const string Secret = "not-the-secret-that-it-should-be";

    private static readonly StorePatience Hasty = new() { FirstDelay = TimeSpan.FromMilliseconds(2), LongestDelay = TimeSpan.FromMilliseconds(10), Stall = TimeSpan.FromSeconds(5) };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unknown_key_is_named_but_not_in_full()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        var failure = await FailureAsync(bucket, key: "AKIAIOSFODNN7EXAMPLQ");
        Assert.Equal(FailureKind.InvalidInput, failure.Kind);
        Assert.Contains("does not know the access key AKIA…LQ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("AWS_ACCESS_KEY_ID", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_secret_is_told_from_a_wrong_key()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        var failure = await FailureAsync(bucket, secret: Secret);
        Assert.StartsWith("The secret of the access key", failure.Message, StringComparison.Ordinal);
        Assert.Contains("AWS_SECRET_ACCESS_KEY", failure.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(bucket.Access.AccessKey, failure.Message + failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_bucket_is_named()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        foreach (var action in (Func<IBackupStore, Task>[])[store => store.NamesAsync(), store => store.UploadAsync(Name, "x"u8.ToArray()), store => store.UploadAsync(Name, new byte[9_000_000])])
        {
            var failure = await FailureAsync(bucket, bucketName: "ds-no-such-bucket", action: action);
            Assert.Contains("There is no S3 bucket 'ds-no-such-bucket'", failure.Message, StringComparison.Ordinal);
            Assert.Contains("BACKUP_S3_BUCKET", failure.Hint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_service_that_is_down_is_named_within_seconds()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();

        var failure = await FailureAsync(bucket, endpoint: new Uri($"http://127.0.0.1:{port}"));
        Assert.Contains($"http://127.0.0.1:{port} can't be reached: Connection refused", failure.Message, StringComparison.Ordinal);
        Assert.Contains("AWS_ENDPOINT_URL_S3", failure.Hint, StringComparison.Ordinal);

        var unknown = await FailureAsync(bucket, endpoint: new Uri("http://s3.invalid"));
        Assert.Contains("The name of http://s3.invalid was not found", unknown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3:ListBucket", "s3:GetObject,s3:PutObject,s3:DeleteObject,s3:AbortMultipartUpload,s3:ListBucketMultipartUploads,s3:ListMultipartUploadParts", "list")]
    [InlineData("s3:PutObject", "s3:ListBucket,s3:GetObject,s3:DeleteObject,s3:AbortMultipartUpload,s3:ListBucketMultipartUploads,s3:ListMultipartUploadParts", "put", "multipart upload")]
    [InlineData("s3:DeleteObject", "s3:ListBucket,s3:GetObject,s3:PutObject,s3:AbortMultipartUpload,s3:ListBucketMultipartUploads,s3:ListMultipartUploadParts", "delete")]
    [InlineData("s3:AbortMultipartUpload", "s3:ListBucket,s3:GetObject,s3:PutObject,s3:DeleteObject,s3:ListBucketMultipartUploads,s3:ListMultipartUploadParts", "abort multipart upload")]
    [InlineData("s3:ListBucketMultipartUploads", "s3:ListBucket,s3:GetObject,s3:PutObject,s3:DeleteObject,s3:AbortMultipartUpload,s3:ListMultipartUploadParts", "list multipart uploads")]
    public async Task The_checks_name_the_permission_that_is_missing(string missing, string allowed, params string[] failing)
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var store = await AsLimitedUserAsync(bucket, allowed.Split(','));
        var checks = await store.CheckAsync(null, Cancelled).ToListAsync(Cancelled);
        Assert.Equal(failing, checks.Where(check => check.Outcome == CheckOutcome.Failed).Select(check => check.Name));
        Assert.All(checks.Where(check => check.Outcome == CheckOutcome.Failed), check =>
        {
            Assert.Contains("AccessDenied on ", check.Detail, StringComparison.Ordinal);
            Assert.Contains(missing, check.Detail, StringComparison.Ordinal);
            Assert.Contains("permission on the prefix 'db-backups/'", check.Hint, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_full_bucket_says_so_at_once()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await server.AdminAsync("quota", "set", "--quota-scope=bucket", "--bucket", bucket.Name, "--max-size=1M");
        await server.AdminAsync("quota", "enable", "--quota-scope=bucket", "--bucket", bucket.Name);
        using var store = bucket.Open(TimeProvider.System);
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => store.UploadAsync(Name, StoreExtensions.Bytes(12_000_000)));
        Assert.Contains("is full: QuotaExceeded", failure.Message, StringComparison.Ordinal);
        Assert.Contains("BACKUP_RETENTION_DAYS", failure.Hint, StringComparison.Ordinal);
        Assert.Empty(await store.NamesAsync());
        Assert.Empty(await bucket.UploadsAsync());
    }

    [Theory]
    [InlineData(400, "ExpiredToken", "The provided token has expired.", "has expired", "AWS_SESSION_TOKEN")]
    [InlineData(400, "InvalidToken", "", "session token", "AWS_SESSION_TOKEN")]
    [InlineData(400, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'eu-west-3' is wrong; expecting 'eu-central-1'", "in the region 'eu-central-1', not in 'eu-west-3'", "AWS_REGION=eu-central-1")]
    [InlineData(301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.", "not in the region 'eu-west-3'", "AWS_REGION")]
    [InlineData(403, "RequestTimeTooSkewed", "", "clock", "set the clock")]
    [InlineData(501, "NotImplemented", "A header implies functionality that is not implemented", "does not know", "BACKUP_S3_PAYLOAD_SIGNING=off")]
    [InlineData(507, "InsufficientStorage", "", "full", "quota")]
    [InlineData(403, "KMS.DisabledException", "", "encryption key", "BACKUP_S3_SSE_KMS_KEY_ID")]
    [InlineData(400, "InvalidStorageClass", "", "no storage class", "BACKUP_S3_STORAGE_CLASS")]
    [InlineData(503, "SlowDown", "", "slow down", "another hour")]
    [InlineData(500, "InternalError", "", "failed at the upload again and again", "later")]
    [InlineData(418, "Teapot", "short and stout", "418 Teapot (short and stout)", "doctor")]
    public async Task Each_refusal_says_what_to_do(int status, string code, string message, string expected, string hint)
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.Answer = call => call == StoreCall.Head ? null : (status, code, message);
        var failure = await FailureAsync(bucket, endpoint: proxy.Address, action: store => store.UploadAsync(Name, "x"u8.ToArray()));
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains(hint, failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_that_must_be_equal_are_explained()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        proxy.Answer = call => call == StoreCall.Complete ? (400, "InvalidPart", "All non-trailing parts must have the same length.") : null;
        var failure = await FailureAsync(bucket, endpoint: proxy.Address, action: store => store.UploadAsync(Name, new byte[9_000_000]));
        Assert.Contains("BACKUP_S3_PART_SIZE_MB", failure.Hint, StringComparison.Ordinal);
        Assert.Empty(await bucket.UploadsAsync());
    }

    private static async Task<DeepSightException> FailureAsync(S3TestBucket bucket, Uri? endpoint = null, string? key = null, string? secret = null, string? bucketName = null, Func<IBackupStore, Task>? action = null)
    {
        var settings = new S3Settings
        {
            Endpoint = endpoint ?? bucket.Access.Endpoint,
            AccessKeyId = key ?? bucket.Access.AccessKey,
            SecretAccessKey = secret ?? bucket.Access.SecretKey,
            Bucket = bucketName ?? bucket.Name,
            Prefix = S3TestBucket.Prefix,
        };
        using var store = new S3BackupStore(settings, Hasty, TimeProvider.System, NullLogger.Instance);
        return await Assert.ThrowsAsync<DeepSightException>(() => action?.Invoke(store) ?? store.NamesAsync());
    }

    private async Task<S3BackupStore> AsLimitedUserAsync(S3TestBucket bucket, string[] allowed)
    {
        var user = "u" + Guid.NewGuid().ToString("n")[..12];
        await server.AdminAsync("user", "create", "--uid", user, "--display-name", user, "--access-key", user.ToUpperInvariant(), "--secret-key", Secret);
        var actions = string.Join(',', allowed.Select(action => $"\"{action}\""));
        await bucket.Client.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = bucket.Name,
            Policy = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/{{user}}"]},"Action":[{{actions}}],"Resource":["arn:aws:s3:::{{bucket.Name}}","arn:aws:s3:::{{bucket.Name}}/*"]}]}""",
        }, Cancelled);
        var settings = new S3Settings { Endpoint = bucket.Access.Endpoint, AccessKeyId = user.ToUpperInvariant(), SecretAccessKey = Secret, Bucket = bucket.Name, Prefix = S3TestBucket.Prefix };
        return new S3BackupStore(settings, Hasty, TimeProvider.System, NullLogger.Instance);
    }
}
