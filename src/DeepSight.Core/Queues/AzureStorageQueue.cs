using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace DeepSight.Core.Queues;

/// <summary>
/// A queue of the storage service. Texts go as they are; whether they are base64 on the wire is the caller's matter
/// (host.json's <c>messageEncoding</c>), since a text that doesn't decode is a message like any other here.
/// </summary>
internal sealed class AzureStorageQueue(QueueClient queue) : IMessageQueue
{
    public string Name => queue.Name;

    public async Task<string> SendAsync(string text, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        MessageText.Check(text);
        // The service's own word for "never".
        var lifetime = timeToLive == Timeout.InfiniteTimeSpan ? TimeSpan.FromSeconds(-1) : timeToLive;

        return await Attempt("send to", async () =>
        {
            try
            {
                return await SendOnceAsync();
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                return await SendOnceAsync();
            }
        }, cancellationToken);

        async Task<string> SendOnceAsync() =>
            (await queue.SendMessageAsync(text, timeToLive: lifetime, cancellationToken: cancellationToken)).Value.MessageId;
    }

    public Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int maxMessages, TimeSpan visibility, CancellationToken cancellationToken) =>
        Attempt<IReadOnlyList<ReceivedMessage>>("receive from", async () =>
        {
            try
            {
                var response = await queue.ReceiveMessagesAsync(maxMessages, visibility, cancellationToken);
                return [.. response.Value.Select(Received)];
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                return [];
            }
        }, cancellationToken);

    public Task<ReceivedMessage?> RenewAsync(ReceivedMessage message, TimeSpan visibility, CancellationToken cancellationToken) =>
        Attempt("renew a message of", async () =>
        {
            try
            {
                var receipt = await queue.UpdateMessageAsync(message.Id, message.PopReceipt, message.Text, visibility, cancellationToken);
                return message with { PopReceipt = receipt.Value.PopReceipt, NextVisible = receipt.Value.NextVisibleOn };
            }
            catch (RequestFailedException e) when (IsStale(e))
            {
                return null;
            }
        }, cancellationToken);

    public Task<bool> DeleteAsync(ReceivedMessage message, CancellationToken cancellationToken) =>
        Attempt("delete from", async () =>
        {
            try
            {
                await queue.DeleteMessageAsync(message.Id, message.PopReceipt, cancellationToken);
                return true;
            }
            catch (RequestFailedException e) when (IsStale(e))
            {
                return false;
            }
        }, cancellationToken);

    public Task<IReadOnlyList<PeekedMessage>> PeekAsync(int maxMessages, CancellationToken cancellationToken) =>
        Attempt<IReadOnlyList<PeekedMessage>>("peek into", async () =>
        {
            try
            {
                var response = await queue.PeekMessagesAsync(maxMessages, cancellationToken);
                return [.. response.Value.Select(m => new PeekedMessage(
                    m.MessageId, m.Body.ToString(), (int)m.DequeueCount, m.InsertedOn.GetValueOrDefault()))];
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                return [];
            }
        }, cancellationToken);

    public Task<int> CountAsync(CancellationToken cancellationToken) =>
        Attempt("count", async () =>
        {
            try
            {
                return (await queue.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                return 0;
            }
        }, cancellationToken);

    private static ReceivedMessage Received(QueueMessage message) => new(
        message.MessageId, message.PopReceipt, message.Body.ToString(), (int)message.DequeueCount,
        message.InsertedOn.GetValueOrDefault(), message.ExpiresOn ?? DateTimeOffset.MaxValue, message.NextVisibleOn.GetValueOrDefault());

    private static bool IsStale(RequestFailedException e) =>
        e.ErrorCode == QueueErrorCode.MessageNotFound || e.ErrorCode == QueueErrorCode.PopReceiptMismatch
        || e.ErrorCode == QueueErrorCode.QueueNotFound;

    private async Task<T> Attempt<T>(string step, Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && StorageFailure.IsOne(e))
        {
            throw StorageFailure.Explain(e, $"{step} the queue '{queue.Name}' of storage account '{queue.AccountName}'");
        }
    }
}
