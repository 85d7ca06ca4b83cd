using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Xml;
using Azure;
using Azure.Identity;
using DeepSight.Core.Storage.Transfers;

namespace DeepSight.Core.Storage.Blobs;

/// <summary>Tells faults that pass from those that stay.</summary>
internal static class BlobFaults
{
    /// <summary>For what retries and resumes.</summary>
    public static readonly ServiceFaults Rules = new("Azure", IsOurs, IsTransient, IsThrottling, RetryAfter, Describe);

    /// <summary>Content altered or cut on its way; a lease or another write in between.</summary>
    private static readonly HashSet<string> Passing = ["Md5Mismatch", "Crc64Mismatch", "OperationTimedOut", "InternalError", "ServerBusy", "IncompleteBody"];

    /// <summary>What the SDK or the network throws for a request that failed; of an answer that is none of Azure's, its readers'.</summary>
    public static bool IsOurs(Exception e) => e switch
    {
        AggregateException all => all.InnerExceptions.All(IsOurs),
        _ => e is RequestFailedException or AuthenticationFailedException or HttpRequestException or IOException or TimeoutException or SocketException or XmlException or FormatException,
    };

    public static bool IsTransient(Exception? e) => e switch
    {
        AggregateException all => IsTransient(all.InnerExceptions[^1]),
        RequestFailedException { Status: 0, InnerException: { } cause } => IsTransient(cause),
        RequestFailedException service => service.Status is 0 or 408 or 429 || (service.Status >= 500 && service.Status is not (501 or 505 or 507)) || Passing.Contains(service.ErrorCode ?? ""),
        HttpRequestException { InnerException: AuthenticationException } => false,
        HttpRequestException or IOException or TimeoutException or SocketException => true,
        _ => false,
    };

    public static bool IsThrottling(Exception? e) => e is RequestFailedException { Status: 429 or 503 };

    /// <summary>In seconds or as a date (RFC 9110, section 10.2.3).</summary>
    public static TimeSpan? RetryAfter(Exception? e)
    {
        if (e is not RequestFailedException refused || refused.GetRawResponse() is not { } answer || !answer.Headers.TryGetValue("Retry-After", out var text)) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>For a log line: <c>503 ServerBusy</c>, <c>Connection refused</c>.</summary>
    public static string Describe(Exception e) => e switch
    {
        AggregateException all => Describe(all.InnerExceptions[^1]),
        RequestFailedException { Status: > 0 } service => $"{service.Status} {service.ErrorCode}".TrimEnd(),
        _ => e.GetBaseException().Message.Split('\n')[0].TrimEnd('.'),
    };

    /// <summary>The request failed with this status.</summary>
    public static bool HasStatus(this DeepSightException e, int status) => (e.InnerException as RequestFailedException)?.Status == status;

    public static bool HasCode(this DeepSightException e, string code) => (e.InnerException as RequestFailedException)?.ErrorCode == code;

    /// <summary>
    /// The request may have been carried out all the same: its answer was lost, or an earlier attempt of it is the reason for
    /// the refusal of a later one. A commit takes its blocks away from every other upload of that name.
    /// </summary>
    public static bool LeavesDoubt(DeepSightException e) =>
        e.HasStatus(409) || e.HasStatus(412) || e.HasStatus(404) || e.HasCode("InvalidBlockList") || IsTransient(e.InnerException);
}
