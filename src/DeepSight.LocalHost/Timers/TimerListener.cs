using DeepSight.Core;
using DeepSight.LocalHost.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>
/// Follows one schedule for as long as this host holds the timer's lease. The status is written after a run:
/// a host that dies in one finds it past due when it comes back, and runs it once.
/// </summary>
internal sealed class TimerListener(
    TimerFunction timer, ITimerStore store, TimerRunner runner, HostTimings timings, TimeProvider clock, ILogger logger)
{
    // A machine that slept must notice the time; timers of the system may have stood still meanwhile.
    private static readonly TimeSpan LongestNap = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestOutagePause = TimeSpan.FromMinutes(1);
    private bool startupRunDone;
    private ScheduleStatus? unwritten;

    private string Name => timer.Function.Name;

    public async Task RunAsync(CancellationToken stopping)
    {
        var outage = new Pause(timings.StorageRetry, LongestOutagePause);
        var behind = new Pause(timings.TimerTakeover, timings.TimerTakeover);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var lease = await store.TryLeaseAsync(Name, stopping);
                if (outage.IsOver()) logger.LogInformation("The storage of the timer '{Function}' answers again.", Name);
                if (lease is not null)
                {
                    behind.Reset();
                    await HoldAsync(lease, stopping);
                }
                else
                {
                    if (!behind.IsOn) logger.LogInformation("'{Function}' is run by another host; this one stands by.", Name);
                    await Task.Delay(behind.Next(), clock, stopping);
                }
            }
            catch (DeepSightException e) when (!stopping.IsCancellationRequested)
            {
                if (!outage.IsOn) logger.LogError("{Problem} {Hint} The timer waits for it.", e.Message, e.Hint);
                await Task.Delay(outage.Next(), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or DeepSightException)
            {
                return;
            }
        }
    }

    private async Task HoldAsync(ITimerLease lease, CancellationToken stopping)
    {
        using var held = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var keeping = KeepAsync(lease, held);
        try
        {
            await FollowAsync(held.Token, stopping);
        }
        catch (OperationCanceledException) when (held.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            logger.LogWarning("The lease of the timer '{Function}' was lost; another host may run it.", Name);
        }
        finally
        {
            await held.CancelAsync();
            await keeping;
        }
    }

    /// <param name="held">Ends the following; a run that has begun is not cut off by a lost lease, only by <paramref name="stopping"/>.</param>
    private async Task FollowAsync(CancellationToken held, CancellationToken stopping)
    {
        var status = await BeginAsync(held);
        if (timer.Monitored && ScheduleMonitor.IsPastDue(status, clock.GetUtcNow()))
            status = await RunAsync(status, pastDue: true, onSchedule: false, $"missed at {status.Next:yyyy-MM-dd HH:mm:ss} UTC", stopping);
        else if (timer.RunOnStartup && !startupRunDone)
            status = await RunAsync(status, pastDue: false, onSchedule: false, "at start", stopping);

        while (true)
        {
            await WaitUntilAsync(ScheduleMonitor.Utc(status.Next), held);
            status = await RunAsync(status, pastDue: false, onSchedule: true, $"due at {status.Next:HH:mm:ss} UTC", stopping);
        }
    }

    private async Task<ScheduleStatus> BeginAsync(CancellationToken cancellationToken)
    {
        if (!timer.Monitored) return ScheduleMonitor.Begin(timer.Schedule, kept: null, clock.GetUtcNow());

        var kept = unwritten ?? await store.ReadAsync(Name, cancellationToken);
        var status = ScheduleMonitor.Begin(timer.Schedule, kept, clock.GetUtcNow());
        // Written before the first run, too: otherwise a host that stops before it would never know that it was missed.
        if (status != kept) await store.WriteAsync(Name, status, cancellationToken);
        return status;
    }

    private async Task<ScheduleStatus> RunAsync(ScheduleStatus status, bool pastDue, bool onSchedule, string reason, CancellationToken stopping)
    {
        var started = clock.GetUtcNow();
        startupRunDone = true;
        var info = new TimerInfo { IsPastDue = pastDue, ScheduleStatus = timer.Monitored ? status : null };
        await runner.RunAsync(timer.Function, info, reason, stopping);

        var after = ScheduleMonitor.After(timer.Schedule, status, started, onSchedule);
        if (timer.Monitored)
        {
            unwritten = after;
            await WriteAsync();
        }

        return after;
    }

    /// <summary>A status that can't be written now is tried again while waiting; until then a restart would repeat the run.</summary>
    private async Task WriteAsync()
    {
        if (unwritten is null) return;

        try
        {
            // Not cancelled by a stop: the run is done, and must not be repeated.
            await store.WriteAsync(Name, unwritten, CancellationToken.None);
            unwritten = null;
        }
        catch (DeepSightException e)
        {
            logger.LogError("{Problem} {Hint}", e.Message, e.Hint);
        }
    }

    private async Task WaitUntilAsync(DateTimeOffset due, CancellationToken held)
    {
        while (true)
        {
            held.ThrowIfCancellationRequested();
            var left = due - clock.GetUtcNow();
            if (left <= TimeSpan.Zero) return;

            await Task.Delay(left < LongestNap ? left : LongestNap, clock, held);
            await WriteAsync();
        }
    }

    /// <summary>Renews the lease; cancels <paramref name="held"/> when it is lost, or may be since storage was away for as long as it lasts.</summary>
    private async Task KeepAsync(ITimerLease lease, CancellationTokenSource held)
    {
        var renewed = clock.GetTimestamp();
        while (true)
        {
            await Task.Delay(timings.TimerLease / 3, clock, held.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (held.IsCancellationRequested) return;

            try
            {
                if (!await lease.RenewAsync(held.Token)) await held.CancelAsync();
                else renewed = clock.GetTimestamp();
            }
            catch (DeepSightException e)
            {
                logger.LogWarning("{Problem}", e.Message);
                if (clock.GetElapsedTime(renewed) >= timings.TimerLease) await held.CancelAsync();
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
