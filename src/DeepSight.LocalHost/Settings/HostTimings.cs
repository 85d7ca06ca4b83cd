namespace DeepSight.LocalHost.Settings;

/// <summary>How long things take: the real host's values, and shorter ones for tests.</summary>
internal sealed record HostTimings
{
    /// <summary>How long a received message is hidden; renewed at half of it.</summary>
    public TimeSpan MessageVisibility { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The first pause after an empty queue; it doubles up to host.json's <c>maxPollingInterval</c>.</summary>
    public TimeSpan FirstPoll { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A local folder is cheap to look into, whatever host.json allows for the storage service.</summary>
    public TimeSpan LongestFolderPoll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a host's claim on a timer lasts after its death (15 to 60 s on blobs); renewed at a third of it.</summary>
    public TimeSpan TimerLease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a host that another one precedes tries for the timer itself.</summary>
    public TimeSpan TimerTakeover { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The first pause after storage failed; it doubles up to a minute.</summary>
    public TimeSpan StorageRetry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a function may go on after its <c>functionTimeout</c> has cancelled it.</summary>
    public TimeSpan CancellationGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopping host waits for the functions that it cancelled.</summary>
    public TimeSpan ShutdownWait { get; init; } = TimeSpan.FromSeconds(30);
}
