using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Tries again after pauses that double from the minimum to the maximum.</summary>
public sealed class ExponentialBackoffRetryAttribute : RetryAttribute
{
    /// <param name="minimumInterval">hh:mm:ss.</param>
    /// <param name="maximumInterval">hh:mm:ss, not below the minimum.</param>
    /// <exception cref="ArgumentOutOfRangeException">A pause is not a time span, or is negative.</exception>
    /// <exception cref="ArgumentException">The minimum is above the maximum.</exception>
    public ExponentialBackoffRetryAttribute(int maxRetryCount, string minimumInterval, string maximumInterval)
    {
        if (Parse(minimumInterval, nameof(minimumInterval)) > Parse(maximumInterval, nameof(maximumInterval)))
            throw new ArgumentException("The minimum is above the maximum.", nameof(minimumInterval));

        MaxRetryCount = maxRetryCount;
        MinimumInterval = minimumInterval;
        MaximumInterval = maximumInterval;
    }

    public string MinimumInterval { get; }

    public string MaximumInterval { get; }

    private static TimeSpan Parse(string interval, string parameter) =>
        TimeSpan.TryParse(interval, CultureInfo.InvariantCulture, out var value) && value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(parameter, interval, "Not a time span of zero or more (hh:mm:ss).");
}
