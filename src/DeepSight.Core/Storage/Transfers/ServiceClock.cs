namespace DeepSight.Core.Storage.Transfers;

/// <summary>
/// The service's clock, read off the <c>Date</c> of its answers: leases go by it, so that machines whose own clocks disagree
/// agree on when a lease runs out.
/// </summary>
internal sealed class ServiceClock(TimeProvider clock)
{
    private long offset;

    /// <summary>How far the service is ahead of this machine, to about a second.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Volatile.Read(ref offset));

    public DateTimeOffset UtcNow => clock.GetUtcNow() + Offset;

    /// <summary>Measured against the machine's clock, never against a test's.</summary>
    public void Observe(DateTimeOffset date)
    {
        var measured = date - TimeProvider.System.GetUtcNow();
        // The header has whole seconds: anything within that is no difference.
        Volatile.Write(ref offset, measured.Duration() < TimeSpan.FromSeconds(2) ? 0 : measured.Ticks);
    }
}
