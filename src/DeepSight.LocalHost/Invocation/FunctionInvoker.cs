using System.Reflection;
using DeepSight.LocalHost.Discovery;
using DeepSight.LocalHost.Hosting;
using DeepSight.LocalHost.Settings;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Invocation;

/// <summary>Runs a function once: its own scope of services, its parameters bound, its time limited, its outputs sent.</summary>
internal sealed class FunctionInvoker(
    IServiceScopeFactory scopes, OutputSender outputs, RunningFunctions running, HostJson options, HostTimings timings,
    TimeProvider clock, ILoggerFactory loggers)
{
    /// <summary>Returns what the function returned, once its outputs are sent; throws what it threw.</summary>
    /// <exception cref="FunctionTimeoutException">It exceeded its time.</exception>
    public async Task<object?> InvokeAsync(
        FunctionDescriptor function, TriggerInput input, RetryContext retry, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(function.Name);
        var started = clock.GetTimestamp();
        // Requests are many and have their answer; of the others the log is all that there is.
        var level = input.HttpContext is null ? LogLevel.Information : LogLevel.Debug;
        logger.Log(level, "Started ({Reason}).", input.Reason);
        using var mark = running.Add(function.Name);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            using var time = new CancellationTokenSource(options.FunctionTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
            var context = new LocalFunctionContext(function, input, retry, scope.ServiceProvider, either.Token);

            var result = await LimitAsync(function, CallAsync(function, input, context), time.Token);
            await outputs.SendAsync(function, result, cancellationToken);

            logger.Log(level, "Succeeded in {Seconds:0.0} s.", clock.GetElapsedTime(started).TotalSeconds);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning("Cancelled after {Seconds:0.0} s.", clock.GetElapsedTime(started).TotalSeconds);
            throw;
        }
        catch (Exception e)
        {
            logger.LogError(e, "Failed after {Seconds:0.0} s.", clock.GetElapsedTime(started).TotalSeconds);
            throw;
        }
    }

    private static async Task<object?> CallAsync(FunctionDescriptor function, TriggerInput input, LocalFunctionContext context)
    {
        var arguments = ParameterBinder.Bind(function, input, context);
        // The official worker makes an instance an invocation, too.
        var instance = function.Method.IsStatic
            ? null
            : ActivatorUtilities.CreateInstance(context.InstanceServices, function.Method.DeclaringType!);
        try
        {
            return await ResultAsync(function, function.Method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, arguments, null));
        }
        finally
        {
            if (instance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else (instance as IDisposable)?.Dispose();
        }
    }

    private static async Task<object?> ResultAsync(FunctionDescriptor function, object? returned)
    {
        if (returned is not Task task) return returned;

        await task;
        return SignatureRules.ResultOf(function.Method) == typeof(void)
            ? null
            : function.Method.ReturnType.GetProperty(nameof(Task<object>.Result))!.GetValue(task);
    }

    private async Task<object?> LimitAsync(FunctionDescriptor function, Task<object?> call, CancellationToken timeIsUp)
    {
        if (options.FunctionTimeout == Timeout.InfiniteTimeSpan) return await call;

        var overdue = Task.Delay(options.FunctionTimeout + timings.CancellationGrace, clock, CancellationToken.None);
        if (await Task.WhenAny(call, overdue) == overdue && !call.IsCompleted)
            throw new FunctionTimeoutException(function.Name, options.FunctionTimeout, ignored: true, inner: null);

        try
        {
            return await call;
        }
        catch (Exception e) when (timeIsUp.IsCancellationRequested)
        {
            throw new FunctionTimeoutException(function.Name, options.FunctionTimeout, ignored: false, e);
        }
    }
}
