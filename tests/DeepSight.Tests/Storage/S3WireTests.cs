using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Storage.Faults;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Storage;

/// <summary>What the gateway gets to see: plain bodies, each with a checksum that it verifies.</summary>
public sealed class S3WireTests(S3Server server)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    [Fact]
    public async Task Over_http_content_is_signed_and_has_a_checksum()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint);
        await UploadAsync(bucket, proxy, PayloadSigning.Auto);
        foreach (var call in (StoreCall[])[StoreCall.Part, StoreCall.Put])
        {
            Assert.Matches("^[0-9a-f]{64}$", proxy.Headers[call]["x-amz-content-sha256"]);
            Assert.True(proxy.Headers[call].ContainsKey("x-amz-checksum-crc32"));
            Assert.False(proxy.Headers[call].ContainsKey("x-amz-decoded-content-length"), "chunk framing");
        }
    }

    [Fact]
    public async Task Over_https_content_is_left_to_TLS_and_has_a_checksum()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var certificate = SelfSigned();
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint, certificate: certificate);
        await UploadAsync(bucket, proxy, PayloadSigning.Auto, certificate);
        foreach (var call in (StoreCall[])[StoreCall.Part, StoreCall.Put])
        {
            Assert.Equal("UNSIGNED-PAYLOAD", proxy.Headers[call]["x-amz-content-sha256"]);
            Assert.True(proxy.Headers[call].ContainsKey("x-amz-checksum-crc32"));
            Assert.False(proxy.Headers[call].ContainsKey("x-amz-decoded-content-length"), "chunk framing");
        }
    }

    [Fact]
    public async Task With_signing_off_the_checksum_is_one_that_every_service_knows()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var certificate = SelfSigned();
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint, certificate: certificate);
        await UploadAsync(bucket, proxy, PayloadSigning.Off, certificate);
        foreach (var call in (StoreCall[])[StoreCall.Part, StoreCall.Put])
        {
            Assert.Equal("UNSIGNED-PAYLOAD", proxy.Headers[call]["x-amz-content-sha256"]);
            Assert.True(proxy.Headers[call].ContainsKey("content-md5"));
        }

        Assert.All(proxy.Headers.Values, headers => Assert.DoesNotContain(headers.Keys, name => name.Contains("crc32", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_not_trusted()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        using var certificate = SelfSigned();
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint, certificate: certificate);
        using var store = bucket.Open(TimeProvider.System, bucket.Settings(proxy.Address));
        var failure = await Assert.ThrowsAsync<Core.DeepSightException>(() => store.NamesAsync());
        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
        Assert.Contains("AWS_ENDPOINT_URL_S3", failure.Hint, StringComparison.Ordinal);
    }

    private static async Task UploadAsync(S3TestBucket bucket, FaultProxy proxy, PayloadSigning signing, X509Certificate2? trusted = null)
    {
        var settings = new S3Settings
        {
            Endpoint = proxy.Address,
            AccessKeyId = bucket.Access.AccessKey,
            SecretAccessKey = bucket.Access.SecretKey,
            Bucket = bucket.Name,
            Prefix = S3TestBucket.Prefix,
            PayloadSigning = signing,
        };
        using var store = new S3BackupStore(settings, new StorePatience(), TimeProvider.System, NullLogger.Instance, (_, shown, _, _) => shown?.GetCertHashString() == trusted?.GetCertHashString());
        var content = StoreExtensions.Bytes(9_000_000);
        await store.UploadAsync(Name, content);
        await store.TryCreateAsync(Name + ".pinned", "x"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(content, await store.ReadAsync(Name));
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
