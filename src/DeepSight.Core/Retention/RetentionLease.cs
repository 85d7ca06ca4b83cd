using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>Keeps two retentions of one store apart. Renewed between the steps when half of it is over.</summary>
internal sealed class RetentionLease : IAsyncDisposable
{
    public const string Name = "retention";

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(5);

    private readonly IStoreLease lease;
    private readonly TimeProvider clock;
    private long renewedAt;

    private RetentionLease(IStoreLease lease, TimeProvider clock) => (this.lease, this.clock, renewedAt) = (lease, clock, clock.GetTimestamp());

    /// <exception cref="DeepSightException">Another retention is at work there (<see cref="FailureKind.Busy"/>).</exception>
    public static async Task<RetentionLease> TakeAsync(IBackupStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var lease = await store.TryLeaseAsync(Name, Duration, cancellationToken) ?? throw new DeepSightException(FailureKind.Busy,
            $"Another retention is at work in {store.Location}.",
            "try again when it is done; if it was killed, its lease runs out within five minutes.");
        return new RetentionLease(lease, clock);
    }

    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(renewedAt) < Duration / 2) return;
        await lease.RenewAsync(cancellationToken);
        renewedAt = clock.GetTimestamp();
    }

    public ValueTask DisposeAsync() => lease.DisposeAsync();
}
