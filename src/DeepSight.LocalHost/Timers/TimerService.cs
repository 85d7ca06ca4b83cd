using DeepSight.LocalHost.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>Runs a listener for each timer function. Stopping it cancels the functions and waits for them.</summary>
internal sealed class TimerService(
    FunctionApp app, ITimerStore store, TimerRunner runner, HostTimings timings, TimeProvider clock, ILoggerFactory loggers) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logger = loggers.CreateLogger("Timers");
        return Task.WhenAll(app.Timers.Select(timer =>
            new TimerListener(timer, store, runner, timings, clock, logger).RunAsync(stoppingToken)));
    }
}
