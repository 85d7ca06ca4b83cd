using System.Net;
using DeepSight.LocalHost;
using DeepSight.LocalHost.Settings;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.LocalHost;

/// <summary>The local host over the given function classes: real Kestrel on a free port, a state folder of its own, a clock that the test moves.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 2, 0, 0, TimeSpan.Zero);

    private const string HostJson = """
        {"version":"2.0","functionTimeout":"-1",
         "extensions":{"queues":{"messageEncoding":"none","batchSize":1,"newBatchThreshold":0,"maxPollingInterval":"00:00:01"}}}
        """;

    private readonly TemporaryFolder? ownFolder;
    private readonly LocalFunctionsHost host;
    private readonly StringWriter output;

    private TestApp(LocalFunctionsHost host, TemporaryFolder? ownFolder, Probe probe, FakeTimeProvider clock, LogLines log, StringWriter output)
    {
        (this.host, this.ownFolder, Probe, Clock, Log, this.output) = (host, ownFolder, probe, clock, log, output);
    }

    public Probe Probe { get; }

    public FakeTimeProvider Clock { get; }

    public LogLines Log { get; }

    /// <summary>The table printed at start.</summary>
    public string Table => output.ToString();

    public HttpClient Http { get; } = new();

    public IServiceProvider Services => host.Services;

    public static Task<TestApp> StartAsync(params Type[] functions) => StartAsync(new TestAppOptions(), functions);

    public static async Task<TestApp> StartAsync(TestAppOptions options, params Type[] functions)
    {
        var app = Build(options, functions);
        await app.RunAsync();
        return app;
    }

    public async Task RunAsync()
    {
        await host.StartAsync(TestContext.Current.CancellationToken);
        Http.BaseAddress = new Uri(host.Address);
    }

    /// <summary>As the program runs it.</summary>
    public Task RunToEndAsync() => host.RunAsync();

    /// <summary>Built and not started.</summary>
    public static TestApp Build(TestAppOptions options, params Type[] functions)
    {
        var own = options.StateFolder is null ? new TemporaryFolder() : null;
        var folder = options.StateFolder ?? own!.Path;
        File.WriteAllText(Path.Combine(folder, "host.json"), options.HostJson ?? HostJson);
        var output = new StringWriter();
        Dictionary<string, string?> settings = new(options.Settings)
        {
            ["AzureWebJobsStorage"] = options.Settings.GetValueOrDefault("AzureWebJobsStorage", ""),
            ["DEEPSIGHT_STATE_DIR"] = folder,
        };
        var probe = options.Probe ?? new Probe();
        var clock = options.Clock ?? new FakeTimeProvider(Start);
        var environment = new HostEnvironment(Path.Combine(folder, "DeepSight.Tests.dll"), Path.Combine(folder, "local.settings.json"), output)
        {
            Launch = start => new InProcessWorker(start, functions, options.AspNetCore, settings, services =>
            {
                services.AddSingleton(probe);
                options.Configure(services);
            }),
        };
        var builder = HostComposition.CreateBuilder(options.Arguments.Length > 0 ? options.Arguments : ["--port", "0"], environment);
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Information);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton<TimeProvider>(options.RealTime ? TimeProvider.System : clock).AddSingleton(clock);
        builder.Services.AddSingleton(options.Timings ?? new HostTimings { ShutdownWait = TimeSpan.FromSeconds(5) });
        options.ConfigureHost(builder.Services);
        return new TestApp(HostComposition.Build(builder, environment), own, probe, clock, log, output);
    }

    /// <summary>Moves the clock on in steps until the condition holds, for at most <paramref name="limit"/> of its time.</summary>
    /// <param name="pace">Milliseconds of real time between two steps: what the host has to do in one of them takes some.</param>
    public async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan step, TimeSpan limit, int pace = 10)
    {
        for (var passed = TimeSpan.Zero; !condition(); passed += step)
        {
            Assert.True(passed <= limit, $"Nothing happened within {limit}. Log:{Environment.NewLine}{Log}");
            Clock.Advance(step);
            await Task.Delay(pace, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for it without moving the clock.</summary>
    public Task EventuallyAsync(Func<bool> condition) => EventuallyAsync(() => Task.FromResult(condition()));

    public Task EventuallyAsync(Func<Task<bool>> condition) => Eventually.HoldsAsync(condition, () => $"It didn't happen. Log:{Environment.NewLine}{Log}");

    public Task StopAsync() => host.StopAsync(TestContext.Current.CancellationToken);

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, Action<HttpRequestMessage>? change = null)
    {
        using var response = await SendAsync(method, path, change);
        return response.StatusCode;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path);
        change?.Invoke(request);
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        try
        {
            await host.StopAsync(CancellationToken.None);
        }
        finally
        {
            await host.DisposeAsync();
            ownFolder?.Dispose();
        }
    }
}
