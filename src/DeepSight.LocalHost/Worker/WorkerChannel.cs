using System.Collections.Concurrent;
using System.Threading.Channels;
using DeepSight.LocalHost.Worker.Protocol;
using Grpc.Core;
using Case = DeepSight.LocalHost.Worker.Protocol.StreamingMessage.ContentOneofCase;
using Message = DeepSight.LocalHost.Worker.Protocol.StreamingMessage;

namespace DeepSight.LocalHost.Worker;

/// <summary>The worker ended, or its connection did, while it was asked for something.</summary>
internal sealed class WorkerLostException(string message) : Exception(message);

/// <summary>The conversation with one worker over its stream.</summary>
/// <param name="log">Takes what the worker logs.</param>
internal sealed class WorkerChannel(string workerId, Action<RpcLog> log)
{
    private readonly Channel<Message> outbound = Channel.CreateUnbounded<Message>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Message>> pending = new();
    private readonly TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? lost;
    private int attached;

    public string WorkerId => workerId;

    public Task Connected => connected.Task;

    /// <summary>Ends with the conversation, however it ends.</summary>
    public Task Closed => closed.Task;

    /// <summary>False for a worker with a wrong id, or one that is connected already.</summary>
    public bool TryAttach(string id) => id == workerId && Interlocked.Exchange(ref attached, 1) == 0;

    public async Task RunAsync(IAsyncStreamReader<Message> requests, IServerStreamWriter<Message> responses, CancellationToken aborted)
    {
        connected.TrySetResult();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var writing = WriteAsync(responses, over.Token);
        try
        {
            while (await requests.MoveNext(aborted)) Receive(requests.Current);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or RpcException)
        {
            // How a crash looks: the stream was reset.
        }

        await over.CancelAsync();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Close("The worker ended.");
    }

    /// <summary>Fails whatever waits for an answer, now and later.</summary>
    public void Close(string reason)
    {
        lost ??= reason;
        connected.TrySetException(new WorkerLostException(lost));
        _ = connected.Task.Exception;
        foreach (var id in pending.Keys) Fail(id);
        closed.TrySetResult();
    }

    /// <exception cref="WorkerLostException">The worker ended before it answered.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public Task<Message> AskAsync(Message message, TimeSpan patience)
    {
        message.RequestId = Guid.NewGuid().ToString();
        return SendAsync(message.RequestId, message).WaitAsync(patience);
    }

    public async Task<FunctionLoadResponse> LoadAsync(FunctionMetadata metadata, TimeSpan patience)
    {
        var request = new Message { FunctionLoadRequest = new FunctionLoadRequest { FunctionId = metadata.FunctionId, Metadata = metadata } };
        return (await SendAsync("load " + metadata.FunctionId, request).WaitAsync(patience)).FunctionLoadResponse;
    }

    /// <summary>Ends when the worker has answered: cancelling asks the function to stop, and it may take its time.</summary>
    /// <exception cref="WorkerLostException">The worker ended first.</exception>
    public async Task<InvocationResponse> InvokeAsync(InvocationRequest request, CancellationToken cancellation)
    {
        request.TraceContext ??= new TraceContext(); // the worker reads it unasked
        var answer = SendAsync(request.InvocationId, new Message { InvocationRequest = request });
        await using var _ = cancellation.Register(() =>
            Send(new Message { InvocationCancel = new InvocationCancel { InvocationId = request.InvocationId } }));
        return (await answer).InvocationResponse;
    }

    public void Send(Message message) => outbound.Writer.TryWrite(message);

    private Task<Message> SendAsync(string id, Message message)
    {
        var source = NewSource<Message>();
        pending[id] = source;
        if (lost is not null) Fail(id);
        else Send(message);
        return source.Task;
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Fail(string id)
    {
        if (pending.TryRemove(id, out var source)) source.TrySetException(new WorkerLostException(lost!));
    }

    private async Task WriteAsync(IServerStreamWriter<Message> responses, CancellationToken over)
    {
        await foreach (var message in outbound.Reader.ReadAllAsync(over)) await responses.WriteAsync(message, over);
    }

    private void Receive(Message message)
    {
        var id = message.ContentCase switch
        {
            Case.InvocationResponse => message.InvocationResponse.InvocationId,
            Case.FunctionLoadResponse => "load " + message.FunctionLoadResponse.FunctionId,
            _ => message.RequestId,
        };
        if (message.ContentCase == Case.RpcLog) log(message.RpcLog);
        else if (pending.TryRemove(id, out var source)) source.TrySetResult(message);
    }
}

/// <summary>The gRPC service that workers connect to; each one that was started has a channel.</summary>
internal sealed class WorkerService : FunctionRpc.FunctionRpcBase
{
    private readonly ConcurrentDictionary<string, WorkerChannel> channels = new();

    public void Expect(WorkerChannel channel) => channels[channel.WorkerId] = channel;

    public void Forget(WorkerChannel channel) => channels.TryRemove(channel.WorkerId, out _);

    public override async Task EventStream(IAsyncStreamReader<Message> requestStream, IServerStreamWriter<Message> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken) || requestStream.Current.ContentCase != Case.StartStream)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "The first message must be StartStream."));
        if (!channels.TryGetValue(requestStream.Current.StartStream.WorkerId, out var channel) || !channel.TryAttach(channel.WorkerId))
            throw new RpcException(new Status(StatusCode.PermissionDenied, "Not a worker that this host started, or connected already."));

        await channel.RunAsync(requestStream, responseStream, context.CancellationToken);
    }
}
