using DeepSight.Core.Queues;
using DeepSight.LocalHost.Discovery;

namespace DeepSight.LocalHost.Queues;

/// <summary>A function and the queue that it serves.</summary>
internal sealed record QueueFunction(FunctionDescriptor Function, IMessageQueues Queues, IMessageQueue Queue)
{
    /// <summary>Whether looking into the queue costs nothing worth saving.</summary>
    public bool IsLocal => Queues is DirectoryQueues;
}
