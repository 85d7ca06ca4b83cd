using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Timers;

/// <summary>How long to wait before each new try.</summary>
internal static class RetryRule
{
    /// <param name="retry">1 for the first new try.</param>
    /// <returns>Null when there is none left.</returns>
    public static TimeSpan? Pause(RetryAttribute? rule, int retry) => rule switch
    {
        null => null,
        { MaxRetryCount: >= 0 and var most } when retry > most => null,
        FixedDelayRetryAttribute fixedDelay => Parse(fixedDelay.DelayInterval),
        ExponentialBackoffRetryAttribute backoff => Exponential(Parse(backoff.MinimumInterval), Parse(backoff.MaximumInterval), retry),
        _ => null,
    };

    /// <summary>Doubled each time, a fifth more or less so that many don't come at once, never outside the two bounds.</summary>
    private static TimeSpan Exponential(TimeSpan least, TimeSpan most, int retry)
    {
        var doubled = least.TotalSeconds * Math.Pow(2, retry - 1) * (0.8 + Random.Shared.NextDouble() * 0.4);
        return TimeSpan.FromSeconds(Math.Clamp(doubled, least.TotalSeconds, most.TotalSeconds));
    }

    private static TimeSpan Parse(string interval) => TimeSpan.Parse(interval, CultureInfo.InvariantCulture);
}
