using System.Collections.Concurrent;

namespace DeepSight.Tests.LocalHost;

/// <summary>What the test's functions tell and ask: a service of the app under test.</summary>
public sealed class Probe
{
    private readonly ConcurrentQueue<string> calls = new();

    public IReadOnlyList<string> Calls => [.. calls];

    /// <summary>What the functions do when called; by default nothing.</summary>
    public Func<string, CancellationToken, Task> Behaviour { get; set; } = (_, _) => Task.CompletedTask;

    public Task CallAsync(string call, CancellationToken cancellationToken)
    {
        calls.Enqueue(call);
        return Behaviour(call, cancellationToken);
    }
}
