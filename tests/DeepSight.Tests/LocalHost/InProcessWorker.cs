using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using DeepSight.LocalHost.Worker;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DeepSight.Tests.LocalHost;

/// <summary>
/// The official worker in the process of the test, so that functions can be classes of the test; all else is as it is in a process:
/// it connects to the host by gRPC and has a server of its own.
/// </summary>
internal sealed class InProcessWorker : IWorker
{
    private readonly CancellationTokenSource killed = new();

    static InProcessWorker() => Environment.SetEnvironmentVariable("FUNCTIONS_APPLICATION_DIRECTORY", AppContext.BaseDirectory);

    public InProcessWorker(WorkerStart start, IReadOnlyList<Type> functions, bool aspNetCore, IReadOnlyDictionary<string, string?> settings, Action<IServiceCollection> configure)
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.Configuration.AddInMemoryCollection(settings).AddInMemoryCollection(
        [
            new("Functions:Worker:HostEndpoint", start.Endpoint.GetLeftPart(UriPartial.Authority)), new("Functions:Worker:WorkerId", start.WorkerId),
            new("Functions:Worker:RequestId", start.WorkerId), new("Functions:Worker:GrpcMaxMessageLength", $"{int.MaxValue}"),
        ]);
        if (aspNetCore) Listen(builder);
        builder.Services.AddSingleton<IFunctionMetadataProvider>(new Described(functions)).AddSingleton<IHostLifetime, NoLifetime>();
        configure(builder.Services);
        Exited = Task.Run(() => RunAsync(builder));
    }

    public Task Exited { get; }

    public string HowItEnded => Exited.Exception?.InnerException?.Message ?? "in order";

    public void Kill()
    {
        if (!Exited.IsCompleted) killed.Cancel();
    }

    public void Dispose() => Kill();

    private async Task RunAsync(FunctionsApplicationBuilder builder)
    {
        using var host = builder.Build();
        await host.StartAsync();
        await host.WaitForShutdownAsync(killed.Token);
    }

    /// <summary>On a port of its own: the extension has one for the whole process.</summary>
    private static void Listen(FunctionsApplicationBuilder builder)
    {
        builder.ConfigureFunctionsWebApplication();
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.PostConfigure<WorkerOptions>(worker => worker.Capabilities["HttpUri"] = $"http://127.0.0.1:{port}/");
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>What the SDK's generator writes of an app's functions.</summary>
    private sealed class Described(IReadOnlyList<Type> types) : IFunctionMetadataProvider
    {
        public Task<ImmutableArray<IFunctionMetadata>> GetFunctionMetadataAsync(string directory) =>
            Task.FromResult(types.SelectMany(type => type.GetMethods()).Where(method => method.IsDefined(typeof(FunctionAttribute))).Select(Describe).ToImmutableArray());

        private static IFunctionMetadata Describe(MethodInfo method) => new DefaultFunctionMetadata
        {
            Language = "dotnet-isolated",
            Name = method.GetCustomAttribute<FunctionAttribute>()!.Name,
            EntryPoint = $"{method.DeclaringType!.FullName}.{method.Name}",
            ScriptFile = Path.GetFileName(method.DeclaringType.Assembly.Location),
            RawBindings = [.. method.GetParameters().SelectMany(Bindings)],
            Retry = method.GetCustomAttribute<FixedDelayRetryAttribute>() is { } retry
                ? new DefaultRetryOptions { MaxRetryCount = retry.MaxRetryCount, DelayInterval = TimeSpan.Parse(retry.DelayInterval, System.Globalization.CultureInfo.InvariantCulture) }
                : null,
        };

        private static IEnumerable<string> Bindings(ParameterInfo parameter)
        {
            switch (parameter.GetCustomAttribute<TriggerBindingAttribute>())
            {
                case TimerTriggerAttribute timer:
                    yield return JsonSerializer.Serialize(new
                    {
                        name = parameter.Name,
                        direction = "In",
                        type = "timerTrigger",
                        schedule = timer.Schedule,
                        useMonitor = timer.UseMonitor,
                        runOnStartup = timer.RunOnStartup,
                    });
                    break;
                case QueueTriggerAttribute queue:
                    yield return JsonSerializer.Serialize(new { name = parameter.Name, direction = "In", type = "queueTrigger", dataType = "String", queueName = queue.QueueName, connection = queue.Connection });
                    break;
                case HttpTriggerAttribute http:
                    yield return JsonSerializer.Serialize(new { name = parameter.Name, direction = "In", type = "httpTrigger", authLevel = http.AuthLevel.ToString(), methods = http.Methods, route = http.Route });
                    yield return """{"name":"$return","direction":"Out","type":"http"}""";
                    break;
            }
        }
    }
}
