namespace DeepSight.Core.Storage.Transfers;

/// <summary>How long a request is waited for and how often it is tried again. Delays double, jittered, up to the longest.</summary>
internal sealed record StorePatience
{
    /// <summary>Without a byte moving for that long, an attempt counts as lost.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The same for joining the parts of an upload, which takes AWS minutes when there are thousands.</summary>
    public TimeSpan Complete { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(300);

    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Of operations that are not patient, about 5 seconds in all; a service that asks to slow down gets <see cref="PatientRetries"/>.</summary>
    public int BriefRetries { get; init; } = 4;

    /// <summary>Of patient operations: about two and a half minutes in all.</summary>
    public int PatientRetries { get; init; } = 13;

    /// <summary>How long a write is left alone before it is looked at, where the service has no conditional writes.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);
}
