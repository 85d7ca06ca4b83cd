using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Xml;
using Amazon.Runtime;
using Amazon.S3;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.S3;

/// <summary>Tells faults that pass from those that stay.</summary>
internal static class S3Faults
{
    private static readonly HashSet<string> Throttling = ["SlowDown", "SlowDownRead", "SlowDownWrite", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded", "ServiceUnavailable"];

    /// <summary>
    /// Client errors that a second attempt can cure: content altered or cut on its way, another writer in between, a clock that
    /// the SDK has corrected by now. Ceph answers MethodNotAllowed when a content that it refused unread precedes the request.
    /// </summary>
    private static readonly HashSet<string> Passing =
    [
        "RequestTimeout", "RequestTimeTooSkewed", "IncompleteBody", "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch",
        "XAmzContentChecksumMismatch", "OperationAborted", "ConditionalRequestConflict", "ClientDisconnected", "MethodNotAllowed",
    ];

    /// <summary>For what retries and resumes.</summary>
    public static readonly ServiceFaults Rules = new("S3", IsOurs, IsTransient, IsThrottling, RetryAfter: _ => null, S3Errors.Fault);

    /// <summary>What the SDK or the network throws for a request that failed; of an answer that is none of S3's, the XML reader's.</summary>
    public static bool IsOurs(Exception e) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException or SocketException or XmlException;

    public static bool IsTransient(Exception? e) => e switch
    {
        AmazonServiceException { StatusCode: 0, InnerException: { } cause } => IsTransient(cause),
        AmazonServiceException service => IsThrottling(service) || Passing.Contains(service.ErrorCode ?? "") || IsServerError(service.StatusCode),
        HttpRequestException { InnerException: AuthenticationException } => false,
        HttpRequestException or IOException or TimeoutException or SocketException => true,
        _ => false,
    };

    /// <summary>The service asks to come back later.</summary>
    public static bool IsThrottling(Exception? e) =>
        e is AmazonServiceException service && (Throttling.Contains(service.ErrorCode ?? "") || service.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable);

    /// <summary>The request failed with this status.</summary>
    public static bool HasStatus(this DeepSightException e, HttpStatusCode status) =>
        e.InnerException is AmazonS3Exception service && service.StatusCode == status;

    /// <summary>
    /// The request may have been carried out all the same: its answer was lost, or an earlier attempt of it is the reason for
    /// the refusal of a later one.
    /// </summary>
    public static bool LeavesDoubt(DeepSightException e) =>
        e.HasStatus(HttpStatusCode.PreconditionFailed) || e.HasStatus(HttpStatusCode.Conflict) || e.HasStatus(HttpStatusCode.NotFound)
        || IsTransient(e.InnerException);

    private static bool IsServerError(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        || ((int)status >= 500 && status is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported or HttpStatusCode.InsufficientStorage));
}
