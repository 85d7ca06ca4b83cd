using System.Net.Sockets;
using DeepSight.Core;
using DeepSight.LocalHost.Worker.Protocol;
using Message = DeepSight.LocalHost.Worker.Protocol.StreamingMessage;

namespace DeepSight.LocalHost.Worker;

/// <summary>One worker, from its first message to its end.</summary>
internal sealed class WorkerSession(IWorker worker, WorkerChannel channel, string folder) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(15);

    public WorkerChannel Channel => channel;

    public Task Exited => worker.Exited;

    public string HowItEnded => worker.HowItEnded;

    /// <summary>The worker's own server, or null where the app has no HTTP functions.</summary>
    public Uri? HttpUri { get; private set; }

    public IReadOnlyList<FunctionDescriptor> Functions { get; private set; } = [];

    /// <summary>Connects, asks for the functions and loads them.</summary>
    /// <exception cref="WorkerLostException">It ended meanwhile.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    /// <exception cref="DeepSightException">It refused.</exception>
    public async Task BeginAsync()
    {
        await Task.WhenAny(channel.Connected, worker.Exited).WaitAsync(Patience);
        if (!channel.Connected.IsCompletedSuccessfully) throw new WorkerLostException($"it ended at once ({worker.HowItEnded})");

        var begun = await channel.AskAsync(new Message
        {
            WorkerInitRequest = new WorkerInitRequest { HostVersion = "4.1037.0.0", WorkerDirectory = folder, FunctionAppDirectory = folder },
        }, Patience);
        Check(begun.WorkerInitResponse?.Result);
        var found = await channel.AskAsync(new Message { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = folder } }, Patience);
        Check(found.FunctionMetadataResponse?.Result);

        var loading = found.FunctionMetadataResponse!.FunctionMetadataResults.Select(LoadAsync).ToList();
        Functions = [.. (await Task.WhenAll(loading)).OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)];
        if (begun.WorkerInitResponse!.Capabilities.TryGetValue("HttpUri", out var uri)) await ProbeAsync(HttpUri = new Uri(uri));
        else Functions = [.. Functions.Select(function => function.Kind != TriggerKind.Http ? function : function with
        {
            Problem = function.Problem ?? "HTTP functions need builder.ConfigureFunctionsWebApplication() in Program.cs",
        })];
    }

    /// <summary>Asks whether it still listens.</summary>
    public Task PingAsync(TimeSpan patience) => channel.AskAsync(new Message { WorkerStatusRequest = new Empty() }, patience);

    /// <summary>Tells it to end; what it does by itself (at its start, say) is cancelled and awaited there.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        channel.Send(new Message { WorkerTerminate = new WorkerTerminate { GracePeriod = new() { Seconds = (long)patience.TotalSeconds } } });
        await Task.WhenAny(worker.Exited, Task.Delay(patience));
    }

    public void Kill() => worker.Kill();

    public void Dispose() => worker.Dispose();

    private async Task<FunctionDescriptor> LoadAsync(FunctionMetadata metadata)
    {
        var function = FunctionDescriptor.Read(metadata);
        var loaded = await channel.LoadAsync(metadata, Patience);
        return loaded.Result.Status == StatusResult.Types.Status.Success
            ? function
            : function with { Problem = $"the worker could not load it: {loaded.Result.Exception?.Message}" };
    }

    /// <summary>Its functions are loaded before its server listens.</summary>
    private static async Task ProbeAsync(Uri server)
    {
        using var limit = new CancellationTokenSource(ProbeTime);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(server.Host, server.Port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (limit.IsCancellationRequested) throw new TimeoutException($"its server does not listen at {server}");
            }
        }
    }

    private static void Check(StatusResult? result)
    {
        if (result?.Status != StatusResult.Types.Status.Success)
            throw new WorkerLostException($"it could not begin: {result?.Exception?.Message ?? "an answer of a kind that was not asked for"}");
    }
}
