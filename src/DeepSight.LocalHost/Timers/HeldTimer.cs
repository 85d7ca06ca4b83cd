using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>Keeps a lease alive, and tells when it is lost.</summary>
internal sealed class HeldTimer : IAsyncDisposable
{
    private readonly ITimerLease lease;
    private readonly TimeSpan duration;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly CancellationTokenSource held;
    private readonly Task keeping;

    public HeldTimer(ITimerLease lease, TimeSpan duration, TimeProvider clock, ILogger logger, CancellationToken stopping)
    {
        (this.lease, this.duration, this.clock, this.logger) = (lease, duration, clock, logger);
        held = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        keeping = KeepAsync();
    }

    /// <summary>Fires when the host stops, or the lease is lost, or may be lost since storage was away for as long as it lasts.</summary>
    public CancellationToken Token => held.Token;

    /// <summary>Stops renewing; giving the lease up is its owner's part.</summary>
    public async ValueTask DisposeAsync()
    {
        await held.CancelAsync();
        await keeping;
        held.Dispose();
    }

    private async Task KeepAsync()
    {
        var renewed = clock.GetTimestamp();
        while (true)
        {
            await Task.Delay(duration / 3, clock, held.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (held.IsCancellationRequested) return;

            try
            {
                if (!await lease.RenewAsync(held.Token)) await held.CancelAsync();
                else renewed = clock.GetTimestamp();
            }
            catch (OperationCanceledException) when (held.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning("{Problem}", e.Message);
                if (clock.GetElapsedTime(renewed) >= duration) await held.CancelAsync();
            }
        }
    }
}
