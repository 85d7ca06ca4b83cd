using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace DeepSight.Functions;

/// <summary>
/// Lets a job hear of the end of the app as well as of its own token: the worker lets running functions go when it is told to end, and
/// their tokens never fire. The shutdown waits for the jobs, as long as the platform lets it.
/// </summary>
public sealed class RunningJobs(IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>The platform ends the process sooner or later by itself; this is no shorter than any of its times.</summary>
    internal static readonly TimeSpan ShutdownWait = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Task, bool> running = new();

    public async Task RunAsync(Func<CancellationToken, Task> job, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var run = job(either.Token);
        running[run] = true;
        try
        {
            await run;
        }
        finally
        {
            running.TryRemove(run, out _);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(running.Keys).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
