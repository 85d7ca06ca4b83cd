using System.Text.RegularExpressions;
using System.Web;
using Azure.Storage.Blobs;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>Where the container is and what opens it, read from the settings. What it says never holds a key or a signature.</summary>
internal sealed partial class BlobAddress
{
    private BlobAddress(AzureSettings settings, Uri uri, BlobCredential credential)
    {
        var parts = new BlobUriBuilder(uri);
        if (credential == BlobCredential.Sas) (SasEnd, SasPermissions) = SasOf(uri);
        Account = parts.AccountName;
        (Container, Credential) = (settings.Container, credential);
        Location = uri.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/" + settings.NormalPrefix;
        Uri = uri;
    }

    /// <summary>For people: <c>https://account.blob.core.windows.net/container/prefix/</c>.</summary>
    public string Location { get; }

    public string Account { get; }

    public string Container { get; }

    public BlobCredential Credential { get; }

    /// <summary>When the SAS ends, if it says so itself.</summary>
    public DateTimeOffset? SasEnd { get; }

    /// <summary>What the SAS allows, in its letters: <c>rl</c>.</summary>
    public string? SasPermissions { get; }

    /// <summary>Of the container; with a SAS it holds the signature.</summary>
    public Uri Uri { get; }

    public static BlobAddress Of(AzureSettings settings)
    {
        if (settings.Connection is not { } connection)
            return new BlobAddress(settings, new Uri(OfAccount(settings.Account!)!, settings.Container), BlobCredential.Identity);
        if (IsSasAddress(connection)) return new BlobAddress(settings, OfSas(connection, settings.Container), BlobCredential.Sas);

        var uri = new BlobContainerClient(connection, settings.Container).Uri;
        return new BlobAddress(settings, uri, uri.Query.Length > 0 ? BlobCredential.Sas : BlobCredential.Key);
    }

    /// <summary>The blob service of an account by its name or address; null for what is neither.</summary>
    public static Uri? OfAccount(string account) => Name().IsMatch(account) ? new Uri($"https://{account}.blob.core.windows.net/")
        : Uri.TryCreate(account, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)) && uri is { UserInfo: "", Query: "" }
            ? new Uri(uri.AbsoluteUri.TrimEnd('/') + "/")
            : null;

    /// <summary>Why <c>BACKUP_AZURE_CONNECTION</c> is none, without a word of it; null when it is one.</summary>
    public static string? Problem(AzureSettings settings)
    {
        const string expected = "it must be a connection string (DefaultEndpointsProtocol=…), or the https address of account or container with a SAS.";
        try
        {
            var address = Of(settings);
            return address.Uri.Scheme == Uri.UriSchemeHttps || address.Uri.IsLoopback || address.Credential == BlobCredential.Key ? null
                : "BACKUP_AZURE_CONNECTION is a SAS over http, which anybody on the way could use: it must begin with https.";
        }
        catch (InvalidContainerException e)
        {
            return $"BACKUP_AZURE_CONNECTION is for the container '{e.Message}', and BACKUP_AZURE_CONTAINER is '{settings.Container}': they must be the same.";
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return "BACKUP_AZURE_CONNECTION can't be read; " + expected;
        }
    }

    public static bool IsSasAddress(string connection) => connection.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || connection.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The container's address, though the SAS may be given with the account's alone.</summary>
    private static Uri OfSas(string address, string container)
    {
        var uri = new Uri(address);
        if (HttpUtility.ParseQueryString(uri.Query)["sig"] is not { Length: > 0 }) throw new FormatException("no signature");
        var builder = new BlobUriBuilder(uri);
        if (builder.BlobContainerName.Length > 0 && builder.BlobContainerName != container) throw new InvalidContainerException(builder.BlobContainerName);
        builder.BlobContainerName = container;
        return builder.ToUri();
    }

    private static (DateTimeOffset? End, string? Permissions) SasOf(Uri uri)
    {
        var query = HttpUtility.ParseQueryString(uri.Query);
        return (DateTimeOffset.TryParse(query["se"], System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var end) ? end : null, query["sp"]);
    }

    [GeneratedRegex(@"\A[a-z0-9]{3,24}\z")]
    private static partial Regex Name();

    private sealed class InvalidContainerException(string container) : Exception(container);
}

/// <summary>What opens the container.</summary>
internal enum BlobCredential
{
    Identity,
    Key,
    Sas,
}
