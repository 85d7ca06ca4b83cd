namespace DeepSight.Core.Queues;

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
