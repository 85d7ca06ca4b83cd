using DeepSight.LocalHost.Hosting;
using DeepSight.LocalHost.Invocation;
using DeepSight.LocalHost.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Queues;

/// <summary>Runs a listener for each queue function. Stopping it cancels the functions and waits for them.</summary>
internal sealed class QueueService(
    FunctionApp app, FunctionInvoker invoker, FailureStop failureStop, HostJson options, HostTimings timings, TimeProvider clock, ILoggerFactory loggers)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logger = loggers.CreateLogger("Queues");
        return Task.WhenAll(app.Queues.Select(target =>
        {
            var processor = new MessageProcessor(target, invoker, failureStop, options, timings, clock, logger);
            return new QueueListener(target, processor, options, timings, clock, logger).RunAsync(stoppingToken);
        }));
    }
}
