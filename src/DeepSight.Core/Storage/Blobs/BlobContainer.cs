using System.Net.Security;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using DeepSight.Core.Storage.Transfers;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>A prefix of a container: names to blobs, and requests that are retried and explained.</summary>
internal sealed class BlobContainer : IDisposable
{
    /// <summary>Metadata that tells our own write from another's where an answer was lost.</summary>
    public const string IdMetadata = "deepsight_id";

    private readonly HttpClient http;
    private readonly StoreRetry retry;
    private readonly BlobErrors errors;
    private readonly BlobAddress address;

    public BlobContainer(AzureSettings settings, StorePatience patience, TimeProvider clock, ILogger log, RemoteCertificateValidationCallback? trusts)
    {
        (Settings, Patience, Log) = (settings, patience, log);
        address = BlobAddress.Of(settings);
        Clock = new ServiceClock(clock);
        http = ServiceHttp.Create(Clock, seen: null, trusts);
        retry = new StoreRetry(patience, BlobFaults.Rules, log);
        errors = new BlobErrors(settings, address, Clock);
        Client = Open(settings, address, http);
    }

    public AzureSettings Settings { get; }

    public StorePatience Patience { get; }

    public ILogger Log { get; }

    public ServiceClock Clock { get; }

    public BlobContainerClient Client { get; }

    public string Location => address.Location;

    public string BlobNameOf(string name) => Settings.NormalPrefix + ObjectName.Checked(name);

    /// <summary>The name behind a blob, or null when it is none of a store's.</summary>
    public string? NameOf(string blob) =>
        blob.StartsWith(Settings.NormalPrefix, StringComparison.Ordinal) && blob[Settings.NormalPrefix.Length..] is var name && ObjectName.IsValid(name) ? name : null;

    /// <exception cref="DeepSightException">It failed for good; the SDK's exception is inside.</exception>
    public Task<T> CallAsync<T>(StoreOperation operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(operation, null, watch => call(watch.Token), cancellationToken);

    /// <summary>The same for content that moves: whoever reads it touches the watch.</summary>
    public async Task<T> CallAsync<T>(StoreOperation operation, TimeSpan? stall, Func<StallWatch, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await retry.RunAsync(operation, stall, call, cancellationToken);
        }
        catch (Exception e) when (BlobFaults.IsOurs(e))
        {
            throw errors.Explain(e, operation);
        }
    }

    public DeepSightException Explain(Exception e, StoreOperation operation) => errors.Explain(e, operation);

    /// <summary>The blob with what its writer and the service noted of it; null when there is none of that name.</summary>
    public async Task<(StoredObject Stored, BlobProperties Properties)?> FindAsync(string name, StoreOperation operation, CancellationToken cancellationToken)
    {
        var blob = Client.GetBlobClient(BlobNameOf(name));
        try
        {
            var found = (await CallAsync(operation, token => blob.GetPropertiesAsync(cancellationToken: token), cancellationToken)).Value;
            return (new StoredObject(name, found.ContentLength, found.LastModified, found.ETag.ToString("H"))
            {
                Archived = errors.ExplainTier(name, found.AccessTier, found.ArchiveStatus),
            }, found);
        }
        catch (DeepSightException e) when (e.HasStatus(404) && !e.HasCode("ContainerNotFound"))
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private static BlobContainerClient Open(AzureSettings settings, BlobAddress address, HttpClient http)
    {
        var options = new BlobClientOptions { Transport = new HttpClientTransport(http) };
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        return address.Credential switch
        {
            BlobCredential.Identity => new BlobContainerClient(address.Uri, new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = settings.ClientId }), options),
            BlobCredential.Sas => new BlobContainerClient(address.Uri, options),
            _ => new BlobContainerClient(settings.Connection, settings.Container, options),
        };
    }
}
