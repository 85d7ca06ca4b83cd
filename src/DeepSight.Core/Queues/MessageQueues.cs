using Azure.Storage.Queues;
using DeepSight.Core.Storage.Local;

namespace DeepSight.Core.Queues;

/// <summary>Chooses the provider: Azure Storage where a connection is set, else the directory queue.</summary>
public static class MessageQueues
{
    /// <param name="setting">The value of a setting by its name in the environment.</param>
    /// <exception cref="DeepSightException">The connection is set and wrong.</exception>
    public static IMessageQueues FromSettings(Func<string, string?> setting, TimeProvider clock) =>
        StorageConnection.Find(StorageConnection.Default, setting) is { } connection
            ? new AzureStorageQueues(connection.Queues())
            : InFolder(LocalState.Folder(setting), clock);

    /// <summary>The directory queues of a state folder (<see cref="LocalState.Folder"/>).</summary>
    public static IMessageQueues InFolder(string stateFolder, TimeProvider clock) =>
        new DirectoryQueues(Path.Combine(stateFolder, "queues"), clock);
}

/// <summary>The queues of an Azure storage account, or of Azurite (which needs <c>--skipApiVersionCheck</c>: it trails the SDK).</summary>
public sealed class AzureStorageQueues(QueueServiceClient service) : IMessageQueues
{
    public string Location { get; } = $"storage account '{service.AccountName}'";

    /// <summary>The service keeps its own disks; whether it answers, every message tells.</summary>
    public bool CanWrite() => true;

    public IMessageQueue Open(string name) => new AzureStorageQueue(service.GetQueueClient(QueueName.Check(name)));
}

/// <summary>
/// Queues in a folder, one folder each: for a machine with neither Azure nor Azurite. Several processes may share it, and any of
/// them may be killed at any moment. Not for network file systems that lack an atomic rename.
/// </summary>
/// <param name="root">Created when the first message is sent.</param>
public sealed class DirectoryQueues(string root, TimeProvider clock) : IMessageQueues
{
    public string Location { get; } = Path.GetFullPath(root);

    /// <summary>Tried with a file of one byte. A folder that nothing was put into yet is not made for it.</summary>
    public bool CanWrite()
    {
        if (!Directory.Exists(Location)) return true;
        try
        {
            var path = Path.Combine(Location, $"{Guid.NewGuid():N}{MessageFile.UnfinishedSuffix}");
            using (var file = LocalFolder.CreateFile(path)) file.WriteByte(0);
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public IMessageQueue Open(string name) => new DirectoryQueue(QueueName.Check(name), Path.Combine(Location, name), clock);
}

/// <summary>All queues of one place: an Azure storage account or a folder. The names follow Azure's rules in both.</summary>
public interface IMessageQueues
{
    /// <summary>For people: <c>storage account 'x'</c> or a folder. Never holds a secret.</summary>
    string Location { get; }

    /// <summary>False where a message could not be kept: the folder's disk is full or read-only.</summary>
    bool CanWrite();

    /// <summary>The queue of that name; it need not exist, and sending creates it.</summary>
    /// <exception cref="DeepSightException">The name breaks the rules of <see cref="QueueName"/>.</exception>
    IMessageQueue Open(string name);
}
