using System.Collections.Concurrent;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Discovery;
using DeepSight.LocalHost.Hosting;
using DeepSight.LocalHost.Invocation;
using DeepSight.LocalHost.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;

namespace DeepSight.LocalHost.Http;

/// <summary>Runs that <c>/admin/functions</c> asked for. They leave no trace on the schedule or a queue; a stopping host cancels and awaits them.</summary>
internal sealed class ManualRuns(FunctionInvoker invoker, FailureStop failureStop, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedService
{
    private readonly ConcurrentDictionary<Task, bool> running = new();

    /// <param name="input">The text of the message, for a queue function.</param>
    public void Start(FunctionDescriptor function, string input)
    {
        var trigger = function.Trigger is TimerTriggerAttribute
            ? new TriggerInput(new TimerInfo(), TriggerInput.NoData, "by hand")
            : new TriggerInput(input, MessageBindingData.Of(NoMessage(input), input), "by hand");
        var run = Task.Run(() => RunAsync(function, trigger), CancellationToken.None);
        running[run] = true;
        run.ContinueWith(done => running.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(running.Keys).WaitAsync(cancellationToken);

    /// <summary>As on the real host: a message that no queue has, and that was delivered no times.</summary>
    private ReceivedMessage NoMessage(string text) =>
        new("", "", text, DequeueCount: 0, clock.GetUtcNow(), DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);

    private async Task RunAsync(FunctionDescriptor function, TriggerInput input)
    {
        try
        {
            await invoker.InvokeAsync(function, input, new LocalRetryContext(0, 0), lifetime.ApplicationStopping);
        }
        catch (FunctionTimeoutException e) when (e.Ignored)
        {
            failureStop.Because($"'{function.Name}' did not stop when it was cancelled.");
        }
        catch (Exception)
        {
            // In the log already, by the invoker. Who asked was answered before it began.
        }
    }
}
