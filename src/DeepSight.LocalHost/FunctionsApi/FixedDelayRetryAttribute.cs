using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Tries again after the same pause each time.</summary>
public sealed class FixedDelayRetryAttribute : RetryAttribute
{
    /// <param name="delayInterval">hh:mm:ss.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pause is not a time span, or is negative.</exception>
    public FixedDelayRetryAttribute(int maxRetryCount, string delayInterval)
    {
        if (!TimeSpan.TryParse(delayInterval, CultureInfo.InvariantCulture, out var delay) || delay < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(delayInterval), delayInterval, "Not a time span of zero or more (hh:mm:ss).");

        MaxRetryCount = maxRetryCount;
        DelayInterval = delayInterval;
    }

    public string DelayInterval { get; }
}
