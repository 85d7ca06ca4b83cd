using DeepSight.Core;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>A timer's status: in the store where the timer is monitored, else only here.</summary>
internal sealed class TimerMemory(TimerFunction timer, ITimerStore store, TimeProvider clock, ILogger logger)
{
    private ScheduleStatus? unwritten;

    /// <summary>The status to begin with. It is written before the first run, too: a host that stops before it must know later that it was missed.</summary>
    public async Task<ScheduleStatus> BeginAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var kept = timer.Monitored ? unwritten ?? await store.ReadAsync(timer.Function.Name, cancellationToken) : null;
        if (kept is not null && ScheduleMonitor.IsOfTheFuture(kept, now))
            logger.LogWarning("The status of the timer '{Function}' is of {Last:yyyy-MM-dd HH:mm:ss} UTC, which is to come: it is not used. Was the clock wrong, or is it now?",
                timer.Function.Name, kept.Last == default ? kept.LastUpdated : kept.Last);

        var status = ScheduleMonitor.Begin(timer.Schedule, kept, now);
        if (status != kept) await KeepAsync(status);
        return status;
    }

    public async Task KeepAsync(ScheduleStatus status)
    {
        if (!timer.Monitored) return;

        unwritten = status;
        await FlushAsync();
    }

    /// <summary>Writes what could not be written before, if anything; until it succeeds a restart would repeat the run.</summary>
    public async Task FlushAsync()
    {
        if (unwritten is null) return;

        try
        {
            // Not cancelled by a stop: the run is done, and must not be repeated.
            await store.WriteAsync(timer.Function.Name, unwritten, CancellationToken.None);
            unwritten = null;
        }
        catch (DeepSightException e)
        {
            logger.LogError("{Problem} {Hint}", e.Message, e.Hint);
        }
    }
}
