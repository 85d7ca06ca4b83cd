using DeepSight.Core;
using DeepSight.Core.Queues;
using Microsoft.Extensions.Configuration;

namespace DeepSight.Functions;

/// <summary>The app's own queues, as its host sees them: those of <c>AzureWebJobsStorage</c>, or of the local state folder.</summary>
public sealed class AppQueues(IConfiguration configuration, TimeProvider clock)
{
    private IMessageQueues? queues;

    /// <exception cref="DeepSightException">The storage's connection is wrong.</exception>
    public IMessageQueues Open() => queues ??= MessageQueues.FromSettings(
        name => configuration[name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)], clock);

    /// <summary>Null where the storage's connection is wrong: the host says so, and no backup is older for it.</summary>
    public IMessageQueues? TryOpen()
    {
        try
        {
            return Open();
        }
        catch (DeepSightException)
        {
            return null;
        }
    }
}
