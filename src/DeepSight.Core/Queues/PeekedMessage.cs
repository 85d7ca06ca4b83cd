namespace DeepSight.Core.Queues;

/// <summary>A message that was looked at and not taken.</summary>
public sealed record PeekedMessage(string Id, string Text, int DequeueCount, DateTimeOffset Inserted);
