namespace DeepSight.Core.Queues;

/// <summary>
/// Queues in a folder, one folder each: for a machine with neither Azure nor Azurite. Several processes may share it, and any of
/// them may be killed at any moment. Not for network file systems that lack an atomic rename.
/// </summary>
/// <param name="root">Created when the first message is sent.</param>
public sealed class DirectoryQueues(string root, TimeProvider clock) : IMessageQueues
{
    public string Location { get; } = Path.GetFullPath(root);

    public IMessageQueue Open(string name) => new DirectoryQueue(QueueName.Check(name), Path.Combine(Location, name), clock);
}
