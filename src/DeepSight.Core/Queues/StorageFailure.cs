using Azure;
using Azure.Identity;

namespace DeepSight.Core.Queues;

/// <summary>Turns the storage SDK's exceptions into failures that say what was tried and what to do.</summary>
public static class StorageFailure
{
    /// <summary>Refused by the service, not answered at all (after the SDK's own retries), or no credential to show.</summary>
    public static bool IsOne(Exception e) =>
        e is RequestFailedException or AuthenticationFailedException or TaskCanceledException
        || (e is AggregateException all && all.InnerExceptions.All(IsOne));

    /// <param name="attempt">What was tried, to follow "Could not".</param>
    public static DeepSightException Explain(Exception e, string attempt)
    {
        var last = e is AggregateException all ? all.InnerExceptions[^1] : e;
        return last switch
        {
            AuthenticationFailedException => Failed("no identity was accepted",
                "on Azure give the app a managed identity with the role 'Storage Queue Data Contributor'; elsewhere `az login`."),
            RequestFailedException { Status: 401 or 403 } refused => Failed($"refused ({refused.ErrorCode ?? "403"})",
                "check the account's key, or the role 'Storage Queue Data Contributor' of the identity."),
            RequestFailedException { Status: 0 } => Failed("it can't be reached",
                "check AzureWebJobsStorage and the network; for Azurite, that it runs."),
            RequestFailedException answered => Failed($"{answered.ErrorCode ?? "error"} (HTTP {answered.Status})", null),
            _ => Failed("it did not answer in time", "check the network between here and the storage account."),
        };

        DeepSightException Failed(string reason, string? hint) => new(FailureKind.Failed, $"Could not {attempt}: {reason}.", hint, e);
    }
}
