using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage.Blobs;

namespace DeepSight.Core.Storage;

/// <summary>The container in Azure Blob Storage, and what opens it: an identity, or a connection string or SAS.</summary>
public sealed class AzureSettings
{
    [Setting("BACKUP_AZURE_CONTAINER", "The container. It must exist: infra/azure makes it.")]
    [RegularExpression("[a-z0-9](-?[a-z0-9]){2,62}", ErrorMessage = "3 to 63 lower-case letters, digits and single hyphens")]
    public string Container { get; init; } = "deepsight-backups";

    [Setting("BACKUP_AZURE_ACCOUNT", "Storage account that the process's identity opens: its name, or its blob address. With it or BACKUP_AZURE_CONNECTION set, backups can go to Azure.")]
    public string? Account { get; init; }

    [Setting("BACKUP_AZURE_CONNECTION", "Connection string of the storage account, or the address of account or container with a SAS, in place of an identity.", Secret = true)]
    public string? Connection { get; init; }

    [Setting("BACKUP_AZURE_PREFIX", "First part of the blobs' names. A slash at its end is added where it is missing; / means none.")]
    [RegularExpression("[A-Za-z0-9!_.()'=/ -]{1,300}", ErrorMessage = "up to 300 letters, digits and ! _ . ( ) ' = / -")]
    public string Prefix { get; init; } = "db-backups/";

    [Setting("BACKUP_AZURE_TIER", "Access tier of backups: hot, cool, cold, or archive (which takes hours to read again). Default: the account's.")]
    public AzureTier? Tier { get; init; }

    [Setting("BACKUP_AZURE_IMMUTABILITY", "Immutability policy of new backups: unlocked or locked. Needs a container with version-level immutability.")]
    public AzureImmutability? Immutability { get; init; }

    [Setting("BACKUP_AZURE_IMMUTABILITY_DAYS", "For how many days a backup is immutable.")]
    [Range(1, 36500)]
    public int? ImmutabilityDays { get; init; }

    [Setting("AZURE_CLIENT_ID", "Client id of the user-assigned identity that opens BACKUP_AZURE_ACCOUNT. Default: the app's own.")]
    public string? ClientId { get; init; }

    /// <summary>Account or connection is set.</summary>
    public bool IsConfigured => Account is not null || Connection is not null;

    /// <summary>Never begins with a slash and, unless empty, ends with one.</summary>
    internal string NormalPrefix => Prefix.Trim('/') is { Length: > 0 } prefix ? prefix + "/" : "";

    internal IEnumerable<string> Validate()
    {
        if (Account is not null && Connection is not null)
            yield return "BACKUP_AZURE_ACCOUNT and BACKUP_AZURE_CONNECTION are both set; the first is for an identity, the second for a key or SAS: set one of them.";
        if (Account is not null && BlobAddress.OfAccount(Account) is null)
            yield return $"BACKUP_AZURE_ACCOUNT is '{Account}'; it must be the account's name (3 to 24 lower-case letters and digits) or its blob address, such as https://NAME.blob.core.windows.net.";
        if (Connection is not null && BlobAddress.Problem(this) is { } problem) yield return problem;
        if (Immutability is null != ImmutabilityDays is null)
            yield return "BACKUP_AZURE_IMMUTABILITY and BACKUP_AZURE_IMMUTABILITY_DAYS must be set together; one of them is missing.";
    }
}

/// <summary>Access tier of a backup's blob.</summary>
public enum AzureTier
{
    Hot,
    Cool,
    Cold,

    /// <summary>Can't be read before it is moved to another tier, which takes hours.</summary>
    Archive,
}

/// <summary>How strictly a blob is kept from being changed and deleted until its time.</summary>
public enum AzureImmutability
{
    /// <summary>Who is Storage Blob Data Owner may still shorten or remove the policy.</summary>
    Unlocked,

    /// <summary>Nobody may shorten or remove it.</summary>
    Locked,
}
