using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Blobs;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Queues;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Storage;

/// <summary>A container of its own for one test, removed with all that is in it; and a client that knows nothing of our stores.</summary>
internal sealed partial class AzureTestContainer : IAsyncDisposable
{
    public const string Prefix = "db-backups/";

    private readonly string connection;

    private AzureTestContainer(string connection)
    {
        this.connection = connection;
        Client = new BlobContainerClient(connection, Name);
    }

    public string Name { get; } = $"ds-{Guid.NewGuid():n}"[..24];

    public BlobContainerClient Client { get; }

    /// <summary>Of the server, without the account that its addresses begin with.</summary>
    public Uri Endpoint => new(Client.Uri.GetLeftPart(UriPartial.Authority));

    public static async Task<AzureTestContainer> CreateAsync(SharedAzurite azurite)
    {
        var container = new AzureTestContainer(await azurite.ConnectionStringAsync());
        await container.Client.CreateAsync();
        return container;
    }

    public static async Task<StoreUnderTest> OpenStoreAsync(SharedAzurite azurite, TimeProvider clock)
    {
        var container = await CreateAsync(azurite);
        var store = container.Open(clock);
        // Nothing that could be removed: what was staged in vain, the service discards.
        return new StoreUnderTest(store, (name, content) => container.PutAsync(Prefix + name, content), () => Task.FromResult(0),
            async () => { store.Dispose(); await container.DisposeAsync(); });
    }

    /// <summary>The connection string, through a proxy if there is one.</summary>
    public string Connection(Uri? proxy = null) =>
        proxy is null ? connection : BlobEndpoint().Replace(connection, $"BlobEndpoint={proxy.GetLeftPart(UriPartial.Authority)}/");

    /// <summary>The container's address with a SAS of these permissions: <c>rl</c>.</summary>
    public string Sas(string permissions, DateTimeOffset until)
    {
        var sas = new BlobSasBuilder { BlobContainerName = Name, Resource = "c", StartsOn = until.AddDays(-2), ExpiresOn = until };
        sas.SetPermissions(permissions, normalize: true);
        return Client.GenerateSasUri(sas).AbsoluteUri;
    }

    /// <summary>The settings of a store in this container; a test changes what it is about.</summary>
    public AzureSettings Settings(Uri? proxy = null) => new() { Connection = Connection(proxy), Container = Name, Prefix = Prefix };

    public AzureBackupStore Open(TimeProvider clock, AzureSettings? settings = null, StorePatience? patience = null) =>
        new(settings ?? Settings(), patience ?? new StorePatience(), clock, NullLogger.Instance);

    public Task PutAsync(string name, byte[] content) => Client.UploadBlobAsync(name, new BinaryData(content));

    public async ValueTask DisposeAsync() => await Client.DeleteIfExistsAsync();

    [GeneratedRegex("BlobEndpoint=http://[0-9.:]+/")]
    private static partial Regex BlobEndpoint();
}
