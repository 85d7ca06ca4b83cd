namespace DeepSight.Core.Queues;

/// <summary>All queues of one place: an Azure storage account or a folder. The names follow Azure's rules in both.</summary>
public interface IMessageQueues
{
    /// <summary>For people: <c>storage account 'x'</c> or a folder. Never holds a secret.</summary>
    string Location { get; }

    /// <summary>The queue of that name; it need not exist, and sending creates it.</summary>
    /// <exception cref="DeepSightException">The name breaks the rules of <see cref="QueueName"/>.</exception>
    IMessageQueue Open(string name);
}
