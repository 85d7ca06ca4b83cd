using Azure.Storage.Queues;

namespace DeepSight.Core.Queues;

/// <summary>The queues of an Azure storage account, or of Azurite (which needs <c>--skipApiVersionCheck</c>: it trails the SDK).</summary>
public sealed class AzureStorageQueues(QueueServiceClient service) : IMessageQueues
{
    public string Location { get; } = $"storage account '{service.AccountName}'";

    public IMessageQueue Open(string name) => new AzureStorageQueue(service.GetQueueClient(QueueName.Check(name)));
}
