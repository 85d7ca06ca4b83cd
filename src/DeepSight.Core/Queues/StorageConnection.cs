using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace DeepSight.Core.Queues;

/// <summary>
/// An Azure storage account as the Functions host takes it from settings: <c>NAME</c> holds a connection string, or
/// <c>NAME__accountName</c> / <c>NAME__queueServiceUri</c> / <c>NAME__blobServiceUri</c> name the account and the process's own
/// identity opens it (<c>NAME__clientId</c> for a user-assigned one)
/// (learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection).
/// </summary>
public sealed class StorageConnection
{
    /// <summary>The setting that every Functions app has.</summary>
    public const string Default = "AzureWebJobsStorage";

    private readonly string name;
    private readonly string? connectionString;
    private readonly Uri? queueUri;
    private readonly Uri? blobUri;
    private readonly string? clientId;

    private StorageConnection(string name, Func<string, string?> setting)
    {
        this.name = name;
        connectionString = Value(setting(name));
        clientId = Value(setting($"{name}__clientId"));
        var account = Value(setting($"{name}__accountName"));
        queueUri = ServiceUri(setting, "queue", account);
        blobUri = ServiceUri(setting, "blob", account);
    }

    private bool IsSet => connectionString is not null || queueUri is not null || blobUri is not null;

    /// <summary>The connection of that name, or null when none of its settings is set.</summary>
    /// <param name="setting">The value of a setting by its name in the environment, such as <c>AzureWebJobsStorage__accountName</c>.</param>
    /// <exception cref="DeepSightException">A service address is not one.</exception>
    public static StorageConnection? Find(string name, Func<string, string?> setting) =>
        new StorageConnection(name, setting) is { IsSet: true } found ? found : null;

    /// <exception cref="DeepSightException">The connection string can't be read, or no queue service is named.</exception>
    public QueueServiceClient Queues() => Open(queueUri, "queue",
        text => new QueueServiceClient(text, Patience(new QueueClientOptions())),
        uri => new QueueServiceClient(uri, Identity(), Patience(new QueueClientOptions())));

    /// <exception cref="DeepSightException">The connection string can't be read, or no blob service is named.</exception>
    public BlobServiceClient Blobs() => Open(blobUri, "blob",
        text => new BlobServiceClient(text, Patience(new BlobClientOptions())),
        uri => new BlobServiceClient(uri, Identity(), Patience(new BlobClientOptions())));

    private T Open<T>(Uri? uri, string service, Func<string, T> byConnectionString, Func<Uri, T> byIdentity)
    {
        try
        {
            if (connectionString is not null) return byConnectionString(connectionString);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Without the inner exception: it may quote the connection string, which holds the account's key.
            throw new DeepSightException(FailureKind.InvalidInput, $"The setting {name} is not a storage connection string.",
                "copy it from the storage account's 'Access keys', or use UseDevelopmentStorage=true for Azurite.");
        }

        return uri is not null
            ? byIdentity(uri)
            : throw new DeepSightException(FailureKind.InvalidInput, $"The connection {name} names no {service} service.",
                $"set {name}__{service}ServiceUri or {name}__accountName.");
    }

    /// <summary>Managed identity on Azure; <c>az login</c> and the like on a developer's machine.</summary>
    private DefaultAzureCredential Identity() => new(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId });

    /// <summary>An unreachable storage should be told in seconds, not after the SDK's default of minutes; callers try again.</summary>
    private static T Patience<T>(T options) where T : ClientOptions
    {
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(20);
        return options;
    }

    private Uri? ServiceUri(Func<string, string?> setting, string service, string? account)
    {
        var text = Value(setting($"{name}__{service}ServiceUri"));
        if (text is null) return account is null ? null : new Uri($"https://{account}.{service}.core.windows.net");

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback)
            ? uri
            : throw new DeepSightException(FailureKind.InvalidInput, $"The setting {name}__{service}ServiceUri is not an https address.",
                $"for example https://ACCOUNT.{service}.core.windows.net");
    }

    private static string? Value(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
