namespace DeepSight.LocalHost.Settings;

/// <summary>host.json's <c>extensions.queues</c>, with the real host's defaults.</summary>
/// <param name="BatchSize">Messages taken at once: 1 to 32, by default 16.</param>
/// <param name="NewBatchThreshold">The next batch is taken when no more than so many are in work; by default batchSize / 2 × cores.</param>
/// <param name="MaxDequeueCount">Deliveries before a message goes to the poison queue; by default 5.</param>
/// <param name="VisibilityTimeout">How long a message rests after a failure; by default not at all.</param>
/// <param name="MaxPollingInterval">The longest pause between two looks into an empty queue; by default a minute.</param>
/// <param name="Base64">Whether texts are base64 on the queue (<c>messageEncoding</c>); by default they are.</param>
internal sealed record QueueOptions(
    int BatchSize, int NewBatchThreshold, int MaxDequeueCount, TimeSpan VisibilityTimeout, TimeSpan MaxPollingInterval, bool Base64)
{
    private const string Section = "extensions:queues";

    public static QueueOptions From(HostJsonReader read)
    {
        var batchSize = read.Number($"{Section}:batchSize", 16, least: 1, most: 32);
        return new QueueOptions(
            batchSize,
            read.Number($"{Section}:newBatchThreshold", batchSize / 2 * Environment.ProcessorCount, least: 0, most: 1000),
            read.Number($"{Section}:maxDequeueCount", 5, least: 1, most: 1000),
            read.Time($"{Section}:visibilityTimeout", TimeSpan.Zero, least: TimeSpan.Zero),
            read.Time($"{Section}:maxPollingInterval", TimeSpan.FromMinutes(1), least: TimeSpan.FromMilliseconds(100)),
            read.Choice($"{Section}:messageEncoding", "base64", "none", standard: true));
    }
}
