using System.Collections.Concurrent;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Worker;

/// <summary>What started an invocation.</summary>
/// <param name="Data">Goes to the trigger's parameter.</param>
/// <param name="Reason">For the log: <c>due at 03:00</c>, <c>message 7f3a, delivery 2</c>.</param>
internal sealed record TriggerInput(TypedData Data, string Reason)
{
    /// <summary>Goes with the data, by name.</summary>
    public IReadOnlyDictionary<string, TypedData> Metadata { get; init; } = new Dictionary<string, TypedData>();

    public RetryContext? Retry { get; init; }
}

/// <summary>The function threw, or could not be called.</summary>
internal sealed class FunctionFailedException(string message) : Exception(message);

/// <summary>A function ran longer than host.json's <c>functionTimeout</c> and was cancelled.</summary>
/// <param name="ignored">It went on after its token had fired and the grace had passed; its worker was killed.</param>
internal sealed class FunctionTimeoutException(string function, TimeSpan timeout, bool ignored)
    : Exception($"'{function}' was cancelled after its functionTimeout of {timeout:c}{(ignored ? " and ignored it" : "")}.");

/// <summary>Has the worker run a function once, within its time.</summary>
internal sealed class FunctionInvoker(WorkerSupervisor workers, HostJson options, HostTimings timings, TimeProvider clock, ILoggerFactory loggers)
{
    private readonly ConcurrentDictionary<string, string> running = new();

    /// <summary>The functions that run at this moment, so that a stopping host can say what it waits for.</summary>
    public IReadOnlyList<string> Running => [.. running.Values.Order(StringComparer.Ordinal)];

    public async Task InvokeAsync(FunctionDescriptor function, TriggerInput input, CancellationToken cancellationToken) =>
        await InvokeAsync(await workers.GetAsync(cancellationToken), Guid.NewGuid().ToString(), function, input, LogLevel.Information, cancellationToken);

    /// <exception cref="FunctionTimeoutException">It exceeded its time.</exception>
    /// <exception cref="FunctionFailedException">It threw.</exception>
    /// <exception cref="WorkerLostException">The worker ended in the middle.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled by the token.</exception>
    public async Task InvokeAsync(
        WorkerSession worker, string id, FunctionDescriptor function, TriggerInput input, LogLevel level, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(function.Name);
        var started = clock.GetTimestamp();
        logger.Log(level, "Started ({Reason}).", input.Reason);
        running[id] = function.Name;
        try
        {
            await CallAsync(worker, Request(id, function, input), function.Name, cancellationToken);
            logger.Log(level, "Succeeded in {Seconds:0.0} s.", clock.GetElapsedTime(started).TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            logger.LogWarning("Cancelled after {Seconds:0.0} s.", clock.GetElapsedTime(started).TotalSeconds);
            throw;
        }
        catch (Exception e)
        {
            logger.LogError("Failed after {Seconds:0.0} s: {Problem}", clock.GetElapsedTime(started).TotalSeconds, e.Message);
            throw;
        }
        finally
        {
            running.TryRemove(id, out _);
        }
    }

    private async Task CallAsync(WorkerSession worker, InvocationRequest request, string name, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(options.FunctionTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
        var call = worker.Channel.InvokeAsync(request, either.Token);
        if (options.FunctionTimeout != Timeout.InfiniteTimeSpan && !await EndsInTimeAsync(call))
        {
            var ignored = new FunctionTimeoutException(name, options.FunctionTimeout, ignored: true);
            workers.Kill(worker, ignored.Message);
            throw ignored;
        }

        var result = (await call).Result;
        if (result.Status == StatusResult.Types.Status.Success) return;

        // Whatever it threw, it was cut off: the worker reports a cancelled function as a failed one.
        cancellationToken.ThrowIfCancellationRequested();
        if (time.IsCancellationRequested) throw new FunctionTimeoutException(name, options.FunctionTimeout, ignored: false);
        throw new FunctionFailedException(result.Exception?.Message ?? "The worker gives no reason.");
    }

    private async Task<bool> EndsInTimeAsync(Task call)
    {
        using var done = new CancellationTokenSource();
        var overdue = Task.Delay(options.FunctionTimeout + timings.CancellationGrace, clock, done.Token);
        var first = await Task.WhenAny(call, overdue);
        await done.CancelAsync();
        return first == call;
    }

    private static InvocationRequest Request(string id, FunctionDescriptor function, TriggerInput input)
    {
        var request = new InvocationRequest { InvocationId = id, FunctionId = function.Id, RetryContext = input.Retry };
        request.InputData.Add(new ParameterBinding { Name = function.Parameter, Data = input.Data });
        foreach (var (name, data) in input.Metadata) request.TriggerMetadata[name] = data;
        return request;
    }
}
