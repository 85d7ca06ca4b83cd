using System.Collections.Concurrent;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Settings;

namespace DeepSight.LocalHost.Queues;

/// <summary>The queues behind each <c>Connection</c> that functions name.</summary>
internal sealed class QueueConnections(AppSettings settings, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, IMessageQueues> opened = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="connection">The name of a setting; null: <c>AzureWebJobsStorage</c>, or the local folder where that is not set.</param>
    /// <exception cref="DeepSightException">The named connection is not set, or wrong.</exception>
    public IMessageQueues Open(string? connection) => opened.GetOrAdd(connection ?? StorageConnection.Default, name =>
        name.Equals(StorageConnection.Default, StringComparison.OrdinalIgnoreCase)
            ? MessageQueues.FromSettings(settings.Find, clock)
            : new AzureStorageQueues(Named(name).Queues()));

    /// <summary>As the real host looks for it: with its prefix first.</summary>
    private StorageConnection Named(string name) =>
        StorageConnection.Find("AzureWebJobs" + name, settings.Find)
        ?? StorageConnection.Find(name, settings.Find)
        ?? throw new DeepSightException(FailureKind.InvalidInput, $"the connection {name} is not set",
            "set it to a storage connection string, or leave Connection out.");
}
