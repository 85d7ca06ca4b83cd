using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Xml;
using Azure;
using Azure.Identity;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>What the service or the network said, as a failure that an operator can act on. The SDK's own messages are long, and not passed on.</summary>
/// <param name="settings">What the messages name.</param>
internal sealed class BlobErrors(AzureSettings settings, BlobAddress address, ServiceClock clock)
{
    /// <summary>Azure refuses signatures that are more than 15 minutes off.</summary>
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(14);

    private string Container => $"Azure container '{address.Container}'";

    private string Account => $"storage account '{address.Account}'";

    /// <summary>What must be allowed, by whoever opens the container.</summary>
    private string Role => settings.Immutability is null ? "Storage Blob Data Contributor" : "Storage Blob Data Owner";

    private string SettingOfAddress => settings.Connection is null ? "BACKUP_AZURE_ACCOUNT" : "BACKUP_AZURE_CONNECTION";

    public DeepSightException Explain(Exception e, StoreOperation operation)
    {
        var (kind, message, hint) = e switch
        {
            AggregateException all => Parts(Explain(all.InnerExceptions[^1], operation)),
            AuthenticationFailedException => (FailureKind.InvalidInput, $"No identity was found that opens the {Account}.",
                "on Azure give the app a managed identity (AZURE_CLIENT_ID names a user-assigned one), elsewhere `az login`; or set BACKUP_AZURE_CONNECTION."),
            RequestFailedException { Status: 0, InnerException: { } cause } => ExplainNetwork(cause, operation),
            RequestFailedException answer => ExplainAnswer(answer, operation),
            XmlException or FormatException => (FailureKind.Failed, $"The {Account} answered {operation.Noun} with something that Azure does not say.",
                $"is {SettingOfAddress} the address of the blob service itself, and nothing in between, such as a proxy that asks for a login?"),
            _ => ExplainNetwork(e, operation),
        };
        return new DeepSightException(kind, message, hint, e);
    }

    /// <summary>Why an archived blob can't be read; null when it can.</summary>
    public DeepSightException? ExplainTier(string name, string? tier, string? rehydration) => tier != "Archive" ? null : new DeepSightException(FailureKind.Refused,
        $"'{name}' in {address.Location} is in the archive tier{(rehydration is null ? "" : " and on its way out of it")}, and can't be read from there.",
        rehydration is null
            ? $"move it first, which takes up to 15 hours: az storage blob set-tier --account-name {address.Account} --container-name {address.Container} --name '{settings.NormalPrefix}{name}' --tier Hot --rehydrate-priority Standard; or take a copy from another store: `deepsight list`."
            : "that takes up to 15 hours: try again later, or take a copy from another store: `deepsight list`.");

    private (FailureKind, string, string?) ExplainAnswer(RequestFailedException e, StoreOperation operation) => e.ErrorCode switch
    {
        "AuthenticationFailed" or "InvalidAuthenticationInfo" or "NoAuthenticationInformation" => ExplainCredential(operation),
        "AuthorizationFailure" or "AuthorizationPermissionMismatch" or "InsufficientAccountPermissions" or "AuthorizationResourceTypeMismatch"
            or "AuthorizationServiceMismatch" or "UnauthorizedBlobOverwrite" => ExplainPermission(e, operation),
        "AuthorizationSourceIPMismatch" or "AuthorizationProtocolMismatch" => (FailureKind.InvalidInput, $"The SAS of the {Container} does not allow {operation.Noun} from here: {e.ErrorCode}.",
            "make one without that limit, or for this machine's address and https, and set BACKUP_AZURE_CONNECTION."),
        "KeyBasedAuthenticationNotPermitted" => (FailureKind.InvalidInput, $"The {Account} takes no keys and no SAS made with them.", $"set BACKUP_AZURE_ACCOUNT={address.Account} in place of BACKUP_AZURE_CONNECTION, and give this process an identity with the role '{Role}'."),
        "ContainerNotFound" => (FailureKind.InvalidInput, $"There is no {Container} in the {Account}.", "create it (infra/azure does), or check BACKUP_AZURE_CONTAINER."),
        "ContainerBeingDeleted" or "ContainerDisabled" => (FailureKind.Failed, $"The {Container} is being deleted or is disabled.", "create it again when that is done, or set BACKUP_AZURE_CONTAINER to another one."),
        "AccountIsDisabled" => (FailureKind.Failed, $"The {Account} is disabled.", "its subscription may have ended; the Azure portal says more."),
        "InvalidResourceName" or "InvalidUri" => (FailureKind.InvalidInput, $"The {Account} takes no container of the name '{address.Container}'.", "check BACKUP_AZURE_CONTAINER."),
        "BlobArchived" or "BlobBeingRehydrated" => (FailureKind.Refused, $"The blob is in the archive tier of the {Container}, and can't be read from there.",
            "move it to another tier first (az storage blob set-tier --tier Hot), which takes up to 15 hours, or take a copy from another store: `deepsight list`."),
        "BlobImmutableDueToPolicy" => (FailureKind.Failed, $"The {Container} refused {operation.Noun}: an immutability policy or legal hold protects the blob.",
            "retention tries again once the policy has ended; BACKUP_AZURE_IMMUTABILITY_DAYS should not be longer than BACKUP_RETENTION_DAYS. A policy of the whole container protects markers and records as well: use one of single versions."),
        "SnapshotsPresent" => (FailureKind.Failed, $"The {Container} refused {operation.Noun}: the blob has snapshots, which this tool did not make.", "delete the snapshots first if nobody needs them."),
        "LeaseIdMissing" or "LeaseIdMismatchWithBlobOperation" => (FailureKind.Busy, $"The {Container} refused {operation.Noun}: somebody holds a lease on the blob.", "try again when it is given back."),
        _ when IsAbout(e, "immutab") => (FailureKind.InvalidInput, $"The {Container} takes no immutability policy on single blobs.",
            "it needs version-level immutability, which is set when a container is made (infra/azure: immutability); or unset BACKUP_AZURE_IMMUTABILITY and BACKUP_AZURE_IMMUTABILITY_DAYS."),
        _ when IsAbout(e, "tier") => (FailureKind.InvalidInput, $"The {Account} does not take the access tier '{settings.Tier?.ToString().ToLowerInvariant()}'.", "check BACKUP_AZURE_TIER; cold and archive are not there in every kind of account."),
        _ => ExplainStatus(e, operation),
    };

    private (FailureKind, string, string?) ExplainStatus(RequestFailedException e, StoreOperation operation) => e.Status switch
    {
        401 => ExplainCredential(operation),
        403 => ExplainPermission(e, operation),
        429 or 503 => (FailureKind.Failed, $"The {Account} kept asking to slow down: {operation.Noun} was given up after several minutes ({BlobFaults.Describe(e)}).", "try again later, or run backups at another hour than others do."),
        >= 500 => (FailureKind.Failed, $"The {Account} failed at {operation.Noun} again and again: {BlobFaults.Describe(e)}.", "the service is in trouble; try again later."),
        _ => (FailureKind.Failed, $"The {Container} refused {operation.Noun}: {BlobFaults.Describe(e)}.", "`deepsight doctor` tries everything that is needed of the container, one step at a time."),
    };

    private (FailureKind, string, string?) ExplainCredential(StoreOperation operation) =>
        clock.Offset.Duration() > MostSkew ? (FailureKind.Failed, "The clock of this machine is about 15 minutes off, so Azure refuses its signatures.", "set the clock (timedatectl set-ntp true).")
        : Expired() ?? address.Credential switch
        {
            BlobCredential.Sas => (FailureKind.InvalidInput, $"The {Account} does not accept the SAS: its signature is wrong, cut, or of a key that was changed since.", "make a new SAS and set BACKUP_AZURE_CONNECTION."),
            BlobCredential.Key => (FailureKind.InvalidInput, $"The key of the {Account} is wrong.", "copy the connection string again (az storage account show-connection-string) and set BACKUP_AZURE_CONNECTION."),
            _ => (FailureKind.InvalidInput, $"The {Account} does not accept the identity of this process for {operation.Noun}.", $"is it of the account's own tenant? Check BACKUP_AZURE_ACCOUNT and AZURE_CLIENT_ID, and the role '{Role}'."),
        };

    private (FailureKind, string, string?)? Expired() => address.SasEnd is { } end && end <= clock.UtcNow
        ? (FailureKind.InvalidInput, string.Create(CultureInfo.InvariantCulture, $"The SAS of the {Container} expired on {end.ToUniversalTime():yyyy-MM-dd HH:mm} UTC."), "make a new one and set BACKUP_AZURE_CONNECTION; an identity (BACKUP_AZURE_ACCOUNT) does not expire.")
        : null;

    private (FailureKind, string, string?) ExplainPermission(RequestFailedException e, StoreOperation operation) => Expired() ?? (address.Credential switch
    {
        BlobCredential.Sas => (FailureKind.Failed,
            $"The SAS of the {Container} does not allow {operation.Noun}: it lacks the permission to {operation.Permission}{(address.SasPermissions is { } has ? $" and has '{has}'" : "")}.",
            $"make one for the container with racwdl{(settings.Immutability is null ? "" : "i")}, and set BACKUP_AZURE_CONNECTION; `deepsight doctor` tries every permission that is needed."),
        BlobCredential.Key => (FailureKind.InvalidInput, $"The {Account} refused {operation.Noun}: its key is wrong, or its firewall does not let this machine in ({e.ErrorCode}).",
            "copy the connection string again (az storage account show-connection-string) and set BACKUP_AZURE_CONNECTION; the networking rules are in the Azure portal."),
        _ when e.ErrorCode == "AuthorizationFailure" => (FailureKind.Failed, $"The {Account} refused {operation.Noun}: {e.ErrorCode}.", $"its firewall may not let this machine in; or the identity lacks the role '{Role}'."),
        _ => (FailureKind.Failed, $"The {Container} refused {operation.Noun}: the identity of this process lacks the permission to {operation.Permission.Split(" (")[0]}.",
            $"give it the role '{Role}' on the container: az role assignment create --role '{Role}' --assignee ID --scope CONTAINER; `deepsight doctor` tries every permission that is needed."),
    });

    private (FailureKind, string, string?) ExplainNetwork(Exception e, StoreOperation operation) => e.GetBaseException() switch
    {
        _ when e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } || e.GetBaseException() is AuthenticationException => (FailureKind.Failed,
            $"The certificate of the {Account} was not accepted: {BlobFaults.Describe(e)}.", $"check {SettingOfAddress}: is something in between that answers in the account's place?"),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => (FailureKind.Failed,
            $"The {Account} was not found: no host has the name '{address.Uri.Host}'.", $"check the account's name in {SettingOfAddress}, and that this machine can resolve names."),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable } => (FailureKind.Failed,
            $"The {Account} can't be reached: {BlobFaults.Describe(e)}.", $"check {SettingOfAddress} and the firewall; for Azurite, that it runs."),
        _ when e is TimeoutException => (FailureKind.Failed, $"The {Account} did not answer: {operation.Noun} was given up after several attempts ({e.Message}).", "check the network and the service; try again later."),
        _ => (FailureKind.Failed, $"The connection to the {Account} broke during {operation.Noun}, again and again: {BlobFaults.Describe(e)}.", "check the network and the service; try again later."),
    };

    /// <summary>The service names the header that it can't take, in its answer's body alone.</summary>
    private static bool IsAbout(RequestFailedException e, string header) => e.Status is 400 or 409
        && (e.Message.Contains($"x-ms-{header}", StringComparison.OrdinalIgnoreCase) || e.Message.Contains($"x-ms-access-{header}", StringComparison.OrdinalIgnoreCase)
            || e.ErrorCode?.Contains(header, StringComparison.OrdinalIgnoreCase) == true);

    private static (FailureKind, string, string?) Parts(DeepSightException e) => (e.Kind, e.Message, e.Hint);
}
