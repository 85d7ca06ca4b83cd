namespace DeepSight.Core.Queues;

/// <summary>
/// A queue with at-least-once delivery, as Azure Storage queues have it: a received message is hidden, not gone, until it is
/// deleted or its visibility timeout ends. Failures of the storage are <see cref="DeepSightException"/>s that name the place.
/// </summary>
public interface IMessageQueue
{
    string Name { get; }

    /// <summary>Puts a text on the queue, at its end, and returns the message's id. Creates the queue if there is none.</summary>
    /// <param name="timeToLive">After it the message is gone, read or not; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
    /// <exception cref="DeepSightException">More than <see cref="MessageText.MaxBytes"/>, or characters that XML can't carry.</exception>
    Task<string> SendAsync(string text, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>
    /// Takes up to <paramref name="maxMessages"/> (1 to 32) visible messages, oldest first, hides them for
    /// <paramref name="visibility"/> and counts the delivery. A queue that doesn't exist is an empty one.
    /// </summary>
    Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int maxMessages, TimeSpan visibility, CancellationToken cancellationToken);

    /// <summary>
    /// Hides a received message for another <paramref name="visibility"/> from now; zero gives it back at once.
    /// Returns the message with its new receipt, or null when the receipt is stale: someone else has the message by now, or it is gone.
    /// </summary>
    Task<ReceivedMessage?> RenewAsync(ReceivedMessage message, TimeSpan visibility, CancellationToken cancellationToken);

    /// <summary>Deletes a received message; false, and nothing deleted, when the receipt is stale.</summary>
    Task<bool> DeleteAsync(ReceivedMessage message, CancellationToken cancellationToken);

    /// <summary>The first visible messages (up to 32), oldest first, left as they are.</summary>
    Task<IReadOnlyList<PeekedMessage>> PeekAsync(int maxMessages, CancellationToken cancellationToken);

    /// <summary>About how many messages there are, hidden ones included.</summary>
    Task<int> CountAsync(CancellationToken cancellationToken);
}

/// <summary>A message that was looked at and not taken.</summary>
public sealed record PeekedMessage(string Id, string Text, int DequeueCount, DateTimeOffset Inserted);

/// <summary>A message taken from a queue and hidden from others until <see cref="NextVisible"/>.</summary>
/// <param name="PopReceipt">Proof of having received it last; changes with every receipt and renewal.</param>
/// <param name="DequeueCount">How often it was received, this time included; 1 at first.</param>
/// <param name="Expires">When it is dropped unread; <see cref="DateTimeOffset.MaxValue"/>: never.</param>
public sealed record ReceivedMessage(
    string Id,
    string PopReceipt,
    string Text,
    int DequeueCount,
    DateTimeOffset Inserted,
    DateTimeOffset Expires,
    DateTimeOffset NextVisible);
