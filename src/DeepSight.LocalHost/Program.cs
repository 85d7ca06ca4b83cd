using DeepSight.Core;
using DeepSight.LocalHost;

// Starts the functions' worker and brings what the platform's host brings: timers, queues, HTTP, keys and /admin.
using var limit = FileSizeLimit.LetWritesFail();
try
{
    var environment = HostEnvironment.OfThisProcess();
    await using var host = HostComposition.Build(HostComposition.CreateBuilder(args, environment), environment);
    await host.RunAsync();
    return 0;
}
catch (DeepSightException e)
{
    await Console.Error.WriteLineAsync($"✗ {e.Message}");
    if (e.Hint is not null) await Console.Error.WriteLineAsync($"  Hint: {e.Hint}");
    return (int)e.Kind;
}
