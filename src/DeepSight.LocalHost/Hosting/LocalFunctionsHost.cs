using DeepSight.Core;
using DeepSight.LocalHost.Invocation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Hosting;

/// <summary>The running app: the web application with a start that says what runs, and a stop that says what it waits for.</summary>
internal sealed class LocalFunctionsHost(WebApplication web, HostEnvironment environment) : IHost, IAsyncDisposable
{
    public IServiceProvider Services => web.Services;

    /// <summary>The first address that the host listens on.</summary>
    public string Address => web.Urls.First();

    /// <exception cref="DeepSightException">The address is taken, or may not be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await web.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new DeepSightException(FailureKind.Failed, e.Message, "is another host running? `--port 0` picks a free port.", e);
        }

        var table = await Services.GetRequiredService<StartTable>().RenderAsync(web.Environment.ApplicationName, Address, cancellationToken);
        await environment.Output.WriteLineAsync(table);
        LogProblems();
    }

    /// <exception cref="DeepSightException">The host had to end because of a function that would not stop.</exception>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        var logger = Services.GetRequiredService<ILoggerFactory>().CreateLogger("Host");
        var running = Services.GetRequiredService<RunningFunctions>();
        if (running.Names is { Count: > 0 } names) logger.LogInformation("Stopping; waiting for {Functions}.", string.Join(", ", names));

        await web.StopAsync(cancellationToken);

        if (running.Names is { Count: > 0 } stubborn) logger.LogError("Ending although still running: {Functions}.", string.Join(", ", stubborn));
        if (Services.GetRequiredService<FailureStop>().Reason is { } reason)
            throw new DeepSightException(FailureKind.Failed, $"The host ended: {reason}", "it must not run beside itself; start the host again.");
    }

    /// <summary>In the log as well as in the table: whoever runs this as a service reads only the former.</summary>
    private void LogProblems()
    {
        var logger = Services.GetRequiredService<ILoggerFactory>().CreateLogger("Host");
        foreach (var entry in Services.GetRequiredService<FunctionApp>().Functions.Where(entry => entry.Problem is not null))
            logger.LogError("'{Function}' is in error and does not run: {Problem}.", entry.Function.Name, entry.Problem);
    }

    public void Dispose() => ((IDisposable)web).Dispose();

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
