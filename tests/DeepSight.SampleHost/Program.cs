using System.Globalization;
using DeepSight.Core;
using DeepSight.LocalHost.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// An app on the local host for tests to run as a process, to signal and to kill.
try
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();
    if (builder.Configuration["SAMPLE_VISIBILITY"] is { } visibility)
        builder.Services.AddSingleton(new HostTimings { MessageVisibility = TimeSpan.Parse(visibility, CultureInfo.InvariantCulture) });

    await builder.Build().RunAsync();
    return 0;
}
catch (DeepSightException e)
{
    await Console.Error.WriteLineAsync($"✗ {e.Message} Hint: {e.Hint}");
    return (int)e.Kind;
}
