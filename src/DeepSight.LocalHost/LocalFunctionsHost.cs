using DeepSight.Core;
using DeepSight.LocalHost.Http;
using DeepSight.LocalHost.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost;

/// <summary>The running host: a start that begins with the worker and says what runs, a stop that says what it waits for and ends with the worker.</summary>
internal sealed class LocalFunctionsHost(WebApplication web, HostEnvironment environment) : IAsyncDisposable
{
    private readonly ILogger logger = web.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Host");

    public IServiceProvider Services => web.Services;

    /// <summary>The first address that the host listens on.</summary>
    public string Address => web.Urls.First();

    /// <exception cref="DeepSightException">The app does not start, or the address is taken, or may not be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var invoker = Services.GetRequiredService<FunctionInvoker>();
        web.Lifetime.ApplicationStopping.Register(() => Tell(LogLevel.Information, "Stopping; waiting for {Functions}.", invoker.Running));
        web.Lifetime.ApplicationStopped.Register(() => Tell(LogLevel.Error, "Ending although still running: {Functions}.", invoker.Running));
        await Services.GetRequiredService<WorkerSupervisor>().StartAsync(cancellationToken);
        var app = Services.GetRequiredService<FunctionApp>();
        Services.GetRequiredService<AdminEndpoints>().Map(web, app.Functions);
        Services.GetRequiredService<FunctionEndpoints>().Map(web, app.Http);
        try
        {
            await web.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new DeepSightException(FailureKind.Failed, e.Message, "is another host running? `--port 0` picks a free port.", e);
        }

        await environment.Output.WriteLineAsync(await Services.GetRequiredService<StartTable>().RenderAsync(environment.Name, Address, cancellationToken));
        // In the log as well as in the table: whoever runs this as a service reads only the former.
        foreach (var entry in app.Functions.Where(entry => entry.Problem is not null))
            logger.LogError("'{Function}' is in error and does not run: {Problem}.", entry.Function.Name, entry.Problem);
        if (!Services.GetRequiredService<KeyRing>().IsConfigured && OtherUsers.Find() is { Count: > 0 } others)
            logger.LogWarning("Without keys every user of this machine may order backups and restores here, {Others} as well; set {FunctionKey} and {MasterKey}.",
                string.Join(", ", others.Take(3)) + (others.Count > 3 ? " and others" : ""), KeyRing.FunctionKeySetting, KeyRing.MasterKeySetting);
    }

    private void Tell(LogLevel level, string text, IReadOnlyList<string> running)
    {
#pragma warning disable CA2254 // two constants
        if (running.Count > 0) logger.Log(level, text, string.Join(", ", running));
#pragma warning restore CA2254
    }

    /// <summary>Until it is told to stop.</summary>
    /// <exception cref="DeepSightException">It does not start, or a part of it failed: that ends a host as a signal does, and must not look like one.</exception>
    public async Task RunAsync()
    {
        await StartAsync(CancellationToken.None);
        await web.WaitForShutdownAsync();
        if (Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(service => service.ExecuteTask?.Exception).FirstOrDefault(e => e is not null) is { } failure)
            throw new DeepSightException(FailureKind.Failed, $"The host ended since a part of it failed: {failure.InnerException!.Message}", "the log above says more.", failure);
    }

    public Task StopAsync(CancellationToken cancellationToken) => web.StopAsync(cancellationToken);

    /// <summary>With the worker, if it is still there.</summary>
    public ValueTask DisposeAsync() => web.DisposeAsync();
}
