using DeepSight.Core.Queues;
using DeepSight.LocalHost.Worker;
using DeepSight.LocalHost.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Queues;

/// <summary>Runs a listener for each queue function. Stopping it cancels the functions and waits for them.</summary>
internal sealed class QueueService(
    IReadOnlyList<QueueFunction> targets, FunctionInvoker invoker, HostJson options, HostTimings timings, TimeProvider clock, ILoggerFactory loggers)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logger = loggers.CreateLogger("Queues");
        return Task.WhenAll(targets.Select(target =>
        {
            var processor = new MessageProcessor(target, invoker, options, timings, clock, logger);
            return new QueueListener(target, processor, options, timings, clock, logger).RunAsync(stoppingToken);
        }));
    }
}

/// <summary>A function and the queue that it serves.</summary>
internal sealed record QueueFunction(FunctionDescriptor Function, IMessageQueues Queues, IMessageQueue Queue)
{
    /// <summary>Whether looking into the queue costs nothing worth saving.</summary>
    public bool IsLocal => Queues is DirectoryQueues;
}
