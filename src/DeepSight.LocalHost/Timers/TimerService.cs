using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>Runs a listener for each timer function. Stopping it cancels the functions and waits for them.</summary>
internal sealed class TimerService(
    IReadOnlyList<TimerFunction> targets, ITimerStore store, TimerRunner runner, HostTimings timings, TimeProvider clock, ILoggerFactory loggers) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logger = loggers.CreateLogger("Timers");
        return Task.WhenAll(targets.Select(timer =>
            new TimerListener(timer, store, runner, timings, clock, logger).RunAsync(stoppingToken)));
    }
}

/// <summary>A function and its schedule.</summary>
/// <param name="Monitored">Whether the schedule's status is kept.</param>
internal sealed record TimerFunction(FunctionDescriptor Function, Schedule Schedule, bool Monitored, bool RunOnStartup);
