using System.Net;
using System.Net.Security;
using Amazon.S3;
using Amazon.S3.Model;
using DeepSight.Core.Storage.Transfers;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.S3;

/// <summary>A prefix of a bucket: names to keys, and requests that are retried and explained.</summary>
internal sealed class S3Bucket : IDisposable
{
    /// <summary>Metadata that tells our own write from another's where an answer was lost.</summary>
    public const string IdMetadata = "x-amz-meta-deepsight-id";

    private readonly S3Http http;
    private readonly AmazonS3Client client;
    private readonly StoreRetry retry;
    private readonly S3Errors errors;

    public S3Bucket(S3Settings settings, StorePatience patience, TimeProvider clock, ILogger log, RemoteCertificateValidationCallback? trusts)
    {
        (Settings, Patience, Log) = (settings, patience, log);
        Clock = new ServiceClock(clock);
        http = new S3Http(Clock, trusts);
        retry = new StoreRetry(patience, S3Faults.Rules, log);
        errors = new S3Errors(settings, () => http.BucketRegion);
        try
        {
            client = S3Client.Create(settings, http);
        }
        catch (Exception e) when (S3Faults.IsOurs(e))
        {
            http.Dispose();
            throw errors.Explain(e, S3Operation.List);
        }
    }

    public S3Settings Settings { get; }

    public StorePatience Patience { get; }

    public ILogger Log { get; }

    public ServiceClock Clock { get; }

    public string Name => Settings.Bucket;

    public string Location => $"s3://{Name}/{Settings.NormalPrefix}";

    public string KeyOf(string name) => Settings.NormalPrefix + ObjectName.Checked(name);

    /// <summary>The name behind a key, or null when the key is none of a store's.</summary>
    public string? NameOf(string key) =>
        key.StartsWith(Settings.NormalPrefix, StringComparison.Ordinal) && key[Settings.NormalPrefix.Length..] is var name && ObjectName.IsValid(name) ? name : null;

    /// <exception cref="DeepSightException">It failed for good; the SDK's exception is inside.</exception>
    public Task<T> CallAsync<T>(StoreOperation operation, Func<IAmazonS3, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(operation, null, (sdk, watch) => call(sdk, watch.Token), cancellationToken);

    /// <summary>The same for content that moves: whoever reads it touches the watch.</summary>
    public async Task<T> CallAsync<T>(StoreOperation operation, TimeSpan? stall, Func<IAmazonS3, StallWatch, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(operation, stall, watch => call(client, watch), cancellationToken);
        }
        catch (Exception e) when (S3Faults.IsOurs(e))
        {
            throw errors.Explain(e, operation);
        }
    }

    public DeepSightException Explain(Exception e, StoreOperation operation) => errors.Explain(e, operation);

    /// <summary>The object and the id that its writer gave it; null when there is none of that name.</summary>
    public async Task<(StoredObject Stored, string? Id)?> FindAsync(string name, StoreOperation operation, CancellationToken cancellationToken)
    {
        var request = new GetObjectMetadataRequest { BucketName = Name, Key = KeyOf(name) };
        try
        {
            var found = await CallAsync(operation, (sdk, token) => sdk.GetObjectMetadataAsync(request, token), cancellationToken);
            var modified = new DateTimeOffset((found.LastModified ?? default).ToUniversalTime(), TimeSpan.Zero);
            return (new StoredObject(name, found.ContentLength, modified, found.ETag), found.Metadata[IdMetadata]);
        }
        catch (DeepSightException e) when (e.HasStatus(HttpStatusCode.NotFound))
        {
            return null;
        }
        catch (DeepSightException e) when (e.InnerException is AmazonS3Exception && !S3Faults.IsTransient(e.InnerException))
        {
            // The answer to a HEAD has no body that could say why; that to a GET has.
            var again = new GetObjectRequest { BucketName = Name, Key = request.Key, ByteRange = new ByteRange(0, 0) };
            using var _ = await CallAsync(operation, (sdk, token) => sdk.GetObjectAsync(again, token), cancellationToken);
            throw;
        }
    }

    public void Dispose()
    {
        client.Dispose();
        http.Dispose();
    }
}
