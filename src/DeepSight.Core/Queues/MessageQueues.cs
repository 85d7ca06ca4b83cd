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
