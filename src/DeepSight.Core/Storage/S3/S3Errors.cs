using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using System.Xml;
using Amazon.Runtime;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>What the service or the network said, as a failure that an operator can act on.</summary>
/// <param name="settings">What the messages name; of the keys only a shortened id.</param>
/// <param name="bucketRegion">Where the bucket is, once the service has told.</param>
internal sealed partial class S3Errors(S3Settings settings, Func<string?> bucketRegion)
{
    private string Bucket => $"S3 bucket '{settings.Bucket}'";

    private string Service => settings.Endpoint?.GetLeftPart(UriPartial.Authority) ?? $"AWS S3 in {settings.Region}";

    private string Key => settings.AccessKeyId is { } id ? $"the access key {Shortened(id)}" : "the role or key that the AWS credential chain found";

    /// <summary>Enough to tell two keys apart, too little to use.</summary>
    internal static string Shortened(string accessKeyId) =>
        accessKeyId.Length < 12 ? accessKeyId[..Math.Min(2, accessKeyId.Length)] + "…" : $"{accessKeyId[..4]}…{accessKeyId[^2..]}";

    /// <summary>For a log line: <c>503 SlowDown</c>, <c>Connection refused</c>.</summary>
    internal static string Fault(Exception e) => e switch
    {
        AmazonServiceException { StatusCode: 0, InnerException: { } cause } => Fault(cause),
        AmazonServiceException service => string.IsNullOrEmpty(service.ErrorCode) || service.ErrorCode == service.StatusCode.ToString()
            ? $"{(int)service.StatusCode} {service.StatusCode}"
            : $"{(int)service.StatusCode} {service.ErrorCode}",
        _ => e.GetBaseException().Message.TrimEnd('.'),
    };

    public DeepSightException Explain(Exception e, StoreOperation operation)
    {
        var (kind, message, hint) = e switch
        {
            AmazonServiceException { StatusCode: 0, InnerException: { } cause } => ExplainNetwork(cause, operation),
            AmazonServiceException service => ExplainAnswer(service, operation),
            AmazonClientException => (FailureKind.InvalidInput, $"No credentials for {Bucket} were found.",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role or a profile that the AWS SDK finds."),
            XmlException => (FailureKind.Failed, $"{Service} answered {operation.Noun} with something that S3 does not say.",
                "is AWS_ENDPOINT_URL_S3 the address of the S3 service itself, and nothing in between, such as a proxy that asks for a login?"),
            _ => ExplainNetwork(e, operation),
        };
        return new DeepSightException(kind, message, hint, e);
    }

    private (FailureKind, string, string) ExplainAnswer(AmazonServiceException e, StoreOperation operation) => e.ErrorCode switch
    {
        "InvalidAccessKeyId" => (FailureKind.InvalidInput, $"{Service} does not know {Key}.",
            "check AWS_ACCESS_KEY_ID: deleted, mistyped, or of another service than AWS_ENDPOINT_URL_S3 names?"),
        "SignatureDoesNotMatch" => (FailureKind.InvalidInput, $"The secret of {Key} is wrong.",
            "check AWS_SECRET_ACCESS_KEY, for cut or added characters as well."),
        "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" => (FailureKind.InvalidInput, $"The session token of {Key} has expired.",
            "get new temporary keys and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN together."),
        "InvalidToken" => (FailureKind.InvalidInput, $"The session token of {Key} is not valid.",
            "AWS_SESSION_TOKEN must be the one that was given with the keys; without temporary keys it must not be set."),
        "RequestTimeTooSkewed" => (FailureKind.Failed, "The clock of this machine is more than 15 minutes off, so S3 refuses its signatures.",
            "set the clock (timedatectl set-ntp true)."),
        "NoSuchBucket" => (FailureKind.InvalidInput, $"There is no {Bucket} on {Service}.", "create it, or check BACKUP_S3_BUCKET and AWS_ENDPOINT_URL_S3."),
        "InvalidBucketName" => (FailureKind.InvalidInput, $"{Service} takes no bucket of the name '{settings.Bucket}'.", "check BACKUP_S3_BUCKET."),
        "AuthorizationHeaderMalformed" or "PermanentRedirect" or "TemporaryRedirect" or "Moved" or "MovedPermanently" or "IllegalLocationConstraintException" => WrongRegion(e),
        "QuotaExceeded" or "ServiceQuotaExceeded" or "XMinioStorageFull" or "XMinioAdminBucketQuotaExceeded" or "InsufficientStorage" =>
            (FailureKind.Failed, $"The {Bucket} is full: {e.ErrorCode}.", "raise its quota, or lower BACKUP_RETENTION_DAYS and run `deepsight retention`."),
        "InvalidObjectState" => (FailureKind.Failed, $"The object is archived in the {Bucket} and can't be read as it is.",
            "ask the service to restore it first (aws s3api restore-object), or use a storage class that reads at once."),
        "InvalidPart" or "EntityTooSmall" => (FailureKind.Failed, $"The {Bucket} refused to join the parts of the upload: {e.Message.TrimEnd('.')}.",
            "if the service wants parts of equal size, set BACKUP_S3_PART_SIZE_MB=32."),
        // Backblaze and others: the SDK's checksums are headers that they don't know.
        _ when e.Message.Contains("x-amz-checksum", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("x-amz-sdk-checksum", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains("x-amz-trailer", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("STREAMING-", StringComparison.Ordinal) => (
            FailureKind.InvalidInput, $"{Service} takes no checksum of this kind: {e.Message.TrimEnd('.')}.", "set BACKUP_S3_PAYLOAD_SIGNING=off: parts are then checked by MD5."),
        "NotImplemented" => (FailureKind.Failed, $"{Service} does not know what {operation.Noun} asks for: {e.Message.TrimEnd('.')}.",
            "BACKUP_S3_PAYLOAD_SIGNING=off helps with services that know no checksums but MD5; check BACKUP_S3_SSE, BACKUP_S3_STORAGE_CLASS and BACKUP_S3_OBJECT_LOCK as well."),
        // Ceph gives no reason; of all that we ask for, only a lock is refused so.
        "InvalidRequest" when e.Message.Contains("Object Lock", StringComparison.OrdinalIgnoreCase) || (settings.ObjectLock is not null && operation == S3Operation.Write) => (
            FailureKind.InvalidInput, $"The {Bucket} has no object lock.", "enable it on the bucket, or unset BACKUP_S3_OBJECT_LOCK and BACKUP_S3_OBJECT_LOCK_DAYS."),
        "InvalidStorageClass" => (FailureKind.InvalidInput, $"{Service} has no storage class '{settings.StorageClass}'.", "check BACKUP_S3_STORAGE_CLASS."),
        { } code when code.StartsWith("KMS.", StringComparison.Ordinal) => (FailureKind.Failed, $"The encryption key of the {Bucket} could not be used: {code}.",
            "check BACKUP_S3_SSE_KMS_KEY_ID, and that the key may be used for kms:GenerateDataKey and kms:Decrypt."),
        _ => ExplainStatus(e, operation),
    };

    private (FailureKind, string, string) ExplainStatus(AmazonServiceException e, StoreOperation operation) => e.StatusCode switch
    {
        HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect or HttpStatusCode.Found => WrongRegion(e),
        HttpStatusCode.Forbidden => (FailureKind.Failed, $"The {Bucket} refused {operation.Noun}: AccessDenied on {operation.Permission}.",
            $"give {Key} that permission on the prefix '{settings.NormalPrefix}'{KmsRemark(e)}; `deepsight doctor` tries every permission that is needed."),
        HttpStatusCode.NotFound when operation == S3Operation.List => (FailureKind.InvalidInput, $"There is no {Bucket} on {Service}.", "check BACKUP_S3_BUCKET and AWS_ENDPOINT_URL_S3."),
        HttpStatusCode.InsufficientStorage => (FailureKind.Failed, $"The {Bucket} is full.", "raise its quota, or lower BACKUP_RETENTION_DAYS and run `deepsight retention`."),
        _ when S3Faults.IsThrottling(e) => (FailureKind.Failed, $"The {Bucket} kept asking to slow down: {operation.Noun} was given up after several minutes ({Fault(e)}).",
            "try again later, or run backups at another hour than others do."),
        >= HttpStatusCode.InternalServerError => (FailureKind.Failed, $"{Service} failed at {operation.Noun} again and again: {Fault(e)}.", "the service is in trouble; try again later."),
        _ => (FailureKind.Failed, $"The {Bucket} refused {operation.Noun}: {Fault(e)}{Said(e)}.", "`deepsight doctor` tries everything that is needed of the bucket, one step at a time."),
    };

    private (FailureKind, string, string) WrongRegion(AmazonServiceException e)
    {
        var region = bucketRegion() is { } told && told != settings.Region ? told
            : Expected().Match(e.Message) is { Success: true } match ? match.Groups["region"].Value : null;
        return (FailureKind.InvalidInput,
            region is null ? $"The {Bucket} is not in the region '{settings.Region}'." : $"The {Bucket} is in the region '{region}', not in '{settings.Region}'.",
            region is null ? "set AWS_REGION to the bucket's region, and AWS_ENDPOINT_URL_S3 to its address if it is not on AWS." : $"set AWS_REGION={region}.");
    }

    private (FailureKind, string, string) ExplainNetwork(Exception e, StoreOperation operation) => e.GetBaseException() switch
    {
        AuthenticationException or { Message: var _ } when e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => (FailureKind.Failed,
            $"The certificate of {Service} was not accepted: {e.GetBaseException().Message.TrimEnd('.')}.", "check AWS_ENDPOINT_URL_S3, and add its authority to the system's certificates if it is your own."),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => (FailureKind.Failed,
            $"The name of {Service} was not found.", "check AWS_ENDPOINT_URL_S3 and AWS_REGION, and that this machine can resolve names."),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable } => (FailureKind.Failed,
            $"{Service} can't be reached: {e.GetBaseException().Message.TrimEnd('.')}.", "is the service up? Check AWS_ENDPOINT_URL_S3 and the firewall."),
        _ when e is TimeoutException => (FailureKind.Failed, $"{Service} did not answer: {operation.Noun} was given up after several attempts ({e.Message}).", "check the network and the service; try again later."),
        _ => (FailureKind.Failed, $"The connection to {Service} broke during {operation.Noun}, again and again: {Fault(e)}.", "check the network and the service; try again later."),
    };

    private string KmsRemark(AmazonServiceException e) =>
        settings.Encryption == "aws:kms" || e.Message.Contains("kms:", StringComparison.Ordinal) ? ", and kms:GenerateDataKey on the encryption key" : "";

    private static string Said(AmazonServiceException e) => string.IsNullOrWhiteSpace(e.Message) ? "" : $" ({e.Message.TrimEnd('.')})";

    [GeneratedRegex("expecting '(?<region>[a-z0-9-]+)'")]
    private static partial Regex Expected();
}
