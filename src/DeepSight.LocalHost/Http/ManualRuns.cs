using System.Collections.Concurrent;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Queues;
using DeepSight.LocalHost.Timers;
using DeepSight.LocalHost.Worker;
using Microsoft.Extensions.Hosting;

namespace DeepSight.LocalHost.Http;

/// <summary>Runs that <c>/admin/functions</c> asked for. They leave no trace on the schedule or a queue; a stopping host cancels and awaits them.</summary>
internal sealed class ManualRuns(FunctionInvoker invoker, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedService
{
    private readonly ConcurrentDictionary<Task, bool> running = new();

    /// <param name="input">The text of the message, for a queue function.</param>
    public void Start(FunctionDescriptor function, string input)
    {
        var trigger = function.Kind == TriggerKind.Timer
            ? TimerRunner.Input(status: null, pastDue: false, "by hand")
            : MessageInput.Input(NoMessage(input), input, "by hand");
        var run = Task.Run(() => invoker.InvokeAsync(function, trigger, lifetime.ApplicationStopping), CancellationToken.None);
        running[run] = true;
        // How it ended is in the log already, by the invoker. Who asked was answered before it began.
        run.ContinueWith(done => (done.Exception, running.TryRemove(done, out _)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(running.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>As on the real host: a message that no queue has, and that was delivered no times.</summary>
    private ReceivedMessage NoMessage(string text) =>
        new("", "", text, DequeueCount: 0, clock.GetUtcNow(), DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);
}
