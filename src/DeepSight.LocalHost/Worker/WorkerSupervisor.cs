using System.Net;
using DeepSight.Core;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Worker.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Worker;

/// <summary>Keeps one worker running: starts it, listens for it on loopback, starts another when it ends or no longer answers.</summary>
/// <param name="launch">Starts a worker; tests have another way than a process.</param>
internal sealed class WorkerSupervisor(
    Func<WorkerStart, IWorker> launch, string app, IReadOnlyList<KeyValuePair<string, string?>> settings, HostTimings timings, ILoggerFactory loggers)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(30);

    private readonly WorkerService service = new();
    private readonly CancellationTokenSource ending = new();
    private readonly ILogger logger = loggers.CreateLogger("Worker");
    private WebApplication? server;
    private Task keeping = Task.CompletedTask;
    private volatile TaskCompletionSource<WorkerSession> current = NewSource();

    /// <summary>As the first worker described them; later ones run the same app.</summary>
    public IReadOnlyList<FunctionDescriptor> Functions { get; private set; } = [];

    /// <exception cref="DeepSightException">The app does not start.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        server = await ListenAsync(cancellationToken);
        try
        {
            var first = await BeginAsync();
            Functions = first.Functions;
            current.SetResult(first);
            keeping = KeepAsync(first);
        }
        catch (Exception e) when (e is WorkerLostException or TimeoutException)
        {
            throw new DeepSightException(FailureKind.Failed, $"The worker '{Path.GetFileName(app)}' did not start: {e.Message}.",
                "the lines above are its own; run it again with DOTNET_ROOT set if .NET was not found.", e);
        }
    }

    /// <summary>The worker that runs, or will in a moment.</summary>
    public Task<WorkerSession> GetAsync(CancellationToken cancellationToken) => current.Task.WaitAsync(cancellationToken);

    /// <summary>Ends a worker that does not do what it is told; another one takes its place.</summary>
    public void Kill(WorkerSession session, string reason)
    {
        logger.LogError("The worker is killed: {Reason}", reason);
        session.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        if (current.Task is { IsCompletedSuccessfully: true, Result: var session })
        {
            await session.EndAsync(timings.ShutdownWait);
            session.Dispose();
        }

        await keeping;
        if (server is not null) await server.DisposeAsync();
        ending.Dispose();
    }

    private static TaskCompletionSource<WorkerSession> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>HTTP/2 without TLS, on a free port of loopback; whoever connects must know a worker's id.</summary>
    private async Task<WebApplication> ListenAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRouting().AddSingleton(service);
        builder.Services.AddGrpc(options => (options.MaxReceiveMessageSize, options.MaxSendMessageSize) = (null, null));
        var listening = builder.Build();
        listening.UseRouting();
        listening.MapGrpcService<WorkerService>();
        try
        {
            await listening.StartAsync(cancellationToken);
            return listening;
        }
        catch (IOException e)
        {
            await listening.DisposeAsync();
            throw new DeepSightException(FailureKind.Failed, $"There is no port to speak with the worker: {e.Message}",
                "end what holds so many ports of 127.0.0.1.", e);
        }
    }

    private async Task<WorkerSession> BeginAsync()
    {
        var id = Guid.NewGuid().ToString();
        var channel = new WorkerChannel(id, Log);
        service.Expect(channel);
        var said = loggers.CreateLogger("Worker");
        var worker = launch(new WorkerStart(app, new Uri(server!.Urls.First()), id, settings, line => said.LogInformation("{Line}", line)));
        var session = new WorkerSession(worker, channel, Path.GetDirectoryName(app)!);
        _ = worker.Exited.ContinueWith(_ => channel.Close("The worker ended."), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await session.BeginAsync();
            return session;
        }
        catch (Exception)
        {
            session.Dispose();
            throw;
        }
        finally
        {
            if (channel.Closed.IsCompleted) service.Forget(channel);
        }
    }

    private async Task KeepAsync(WorkerSession session)
    {
        var pause = new Pause(FirstPause, LongestPause);
        while (true)
        {
            var since = Environment.TickCount64;
            await WatchAsync(session);
            if (ending.IsCancellationRequested) return;

            current = NewSource();
            service.Forget(session.Channel);
            session.Kill();
            await session.Exited;
            logger.LogError("The worker ended ({How}); starting another.", session.HowItEnded);
            session.Dispose();
            if (Environment.TickCount64 - since > LongestPause.TotalMilliseconds) pause.Reset();
            if (await AgainAsync(pause) is not { } next) return;

            session = next;
            current.SetResult(session);
        }
    }

    private async Task<WorkerSession?> AgainAsync(Pause pause)
    {
        while (true)
        {
            await Task.Delay(pause.Next(), ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ending.IsCancellationRequested) return null;
            try
            {
                return await BeginAsync();
            }
            catch (Exception e)
            {
                logger.LogError("The worker did not start: {Reason}.", e.Message);
            }
        }
    }

    /// <summary>Returns when the worker has ended, or does not answer and is to be ended.</summary>
    private async Task WatchAsync(WorkerSession session)
    {
        while (!ending.IsCancellationRequested)
        {
            await Task.WhenAny(session.Channel.Closed, Task.Delay(PingEvery, ending.Token));
            if (session.Channel.Closed.IsCompleted) return;
            try
            {
                if (!ending.IsCancellationRequested) await session.PingAsync(PingPatience);
            }
            catch (WorkerLostException)
            {
                return;
            }
            catch (TimeoutException)
            {
                logger.LogError("The worker has not answered for {Seconds} s.", (int)PingPatience.TotalSeconds);
                return;
            }
            catch (Exception e)
            {
                logger.LogError(e, "The worker can't be asked.");
                return;
            }
        }
    }

    private void Log(RpcLog entry)
    {
        if (entry.LogCategory == RpcLog.Types.Category.CustomMetric) return;

        var level = (LogLevel)(int)entry.Level;
        var log = loggers.CreateLogger(entry.Category);
        if (entry.Exception is null) log.Log(level, "{Message}", entry.Message);
        else log.Log(level, "{Message} {Problem}", entry.Message, entry.Exception.Message);
    }
}
