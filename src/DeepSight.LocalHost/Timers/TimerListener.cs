using DeepSight.LocalHost.Settings;
using DeepSight.Core;
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
    private readonly TimerMemory memory = new(timer, store, clock, logger);
    private bool startupRunDone;

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
                if (lease is null)
                {
                    if (!behind.IsOn) logger.LogInformation("'{Function}' is run by another host; this one stands by.", Name);
                    await Task.Delay(behind.Next(), clock, stopping);
                    continue;
                }

                behind.Reset();
                await HoldAsync(lease, stopping);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (e is not DeepSightException failure) logger.LogError(e, "The timer '{Function}' failed; it begins anew.", Name);
                else if (!outage.IsOn) logger.LogError("{Problem} {Hint} The timer waits for it.", failure.Message, failure.Hint);
                await Task.Delay(outage.Next(), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task HoldAsync(ITimerLease lease, CancellationToken stopping)
    {
        await using var held = new HeldTimer(lease, timings.TimerLease, clock, logger, stopping);
        try
        {
            await FollowAsync(held.Token, stopping);
        }
        catch (OperationCanceledException) when (held.Token.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            logger.LogWarning("The lease of the timer '{Function}' was lost; another host may run it.", Name);
        }
    }

    /// <param name="held">Ends the following; a run that has begun is not cut off by a lost lease, only by <paramref name="stopping"/>.</param>
    private async Task FollowAsync(CancellationToken held, CancellationToken stopping)
    {
        var status = await memory.BeginAsync(held);
        if (timer.Monitored && ScheduleMonitor.IsPastDue(status, clock.GetUtcNow()))
            status = await RunAsync(status, pastDue: true, onSchedule: false, $"missed at {status.Next:yyyy-MM-dd HH:mm:ss} UTC", stopping);
        else if (timer.RunOnStartup && !startupRunDone)
            status = await RunAsync(status, pastDue: false, onSchedule: false, "at start", stopping);

        while (true)
        {
            status = await WaitUntilDueAsync(status, held);
            status = await RunAsync(status, pastDue: false, onSchedule: true, $"due at {status.Next:HH:mm:ss} UTC", stopping);
        }
    }

    private async Task<ScheduleStatus> RunAsync(ScheduleStatus status, bool pastDue, bool onSchedule, string reason, CancellationToken stopping)
    {
        var started = clock.GetUtcNow();
        startupRunDone = true;
        await runner.RunAsync(timer.Function, timer.Monitored ? status : null, pastDue, reason, stopping);

        var after = ScheduleMonitor.After(timer.Schedule, status, started, onSchedule);
        await memory.KeepAsync(after);
        return after;
    }

    /// <summary>Returns the status when it is due; another one than before where the clock was set back.</summary>
    private async Task<ScheduleStatus> WaitUntilDueAsync(ScheduleStatus status, CancellationToken held)
    {
        while (true)
        {
            held.ThrowIfCancellationRequested();
            var now = clock.GetUtcNow();
            if (ScheduleMonitor.IsOfTheFuture(status, now)) status = await memory.BeginAsync(held);
            var left = ScheduleMonitor.Utc(status.Next) - now;
            if (left <= TimeSpan.Zero) return status;

            await Task.Delay(left < LongestNap ? left : LongestNap, clock, held);
            await memory.FlushAsync();
        }
    }
}
