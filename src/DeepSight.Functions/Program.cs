using DeepSight.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

try
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();

    await builder.Build().RunAsync();
    return 0;
}
catch (DeepSightException e)
{
    // Only the local host gets here; on Azure a setting that is wrong must not end in a restart loop.
    await Console.Error.WriteLineAsync($"✗ {e.Message}");
    if (e.Hint is not null) await Console.Error.WriteLineAsync($"  Hint: {e.Hint}");
    return (int)e.Kind;
}
