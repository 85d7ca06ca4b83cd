using System.Diagnostics;
using DeepSight.Cli.Output;

namespace DeepSight.Cli.Quickstart;

/// <summary>What the quickstart has done so far, each step with its time and what it proved.</summary>
internal sealed class QuickstartSteps(Terminal terminal)
{
    public List<Step> Done { get; } = [];

    public async Task<T> RunAsync<T>(string name, Func<Task<T>> run, Func<T, string> describe)
    {
        var watch = Stopwatch.StartNew();
        var result = await run();
        var step = new Step(name, watch.Elapsed, describe(result));
        Done.Add(step);
        terminal.Note($"  {step.Name}: {step.Detail} ({Human.Duration(step.Took)})");
        return result;
    }

    public sealed record Step(string Name, TimeSpan Took, string Detail);
}
