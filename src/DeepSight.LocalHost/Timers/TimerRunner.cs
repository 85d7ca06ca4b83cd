using DeepSight.LocalHost.Discovery;
using DeepSight.LocalHost.Hosting;
using DeepSight.LocalHost.Invocation;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>Runs a timer function, and again by its retry rule when it fails.</summary>
internal sealed class TimerRunner(FunctionInvoker invoker, FailureStop failureStop, TimeProvider clock, ILogger<TimerRunner> logger)
{
    /// <summary>Returns when it has succeeded or has failed for good; either way the run is done and the next one is due by schedule.</summary>
    /// <exception cref="OperationCanceledException">The host stops: the run is not done.</exception>
    public async Task RunAsync(FunctionDescriptor function, TimerInfo timer, string reason, CancellationToken stopping)
    {
        for (var retry = 0; ; retry++)
        {
            try
            {
                var input = new TriggerInput(timer, TriggerInput.NoData, retry == 0 ? reason : $"retry {retry} of {function.Retry?.MaxRetryCount}");
                var context = new LocalRetryContext(retry, function.Retry?.MaxRetryCount ?? 0);
                await Task.Run(() => invoker.InvokeAsync(function, input, context, stopping), CancellationToken.None);
                return;
            }
            catch (FunctionTimeoutException e) when (e.Ignored)
            {
                failureStop.Because($"'{function.Name}' did not stop when it was cancelled.");
                throw new OperationCanceledException(e.Message, e);
            }
            catch (Exception e) when (stopping.IsCancellationRequested)
            {
                // Whatever it threw, it was cut off.
                throw new OperationCanceledException(e.Message, e, stopping);
            }
            catch (Exception e)
            {
                // The failure itself is in the log already.
                if (RetryRule.Pause(function.Retry, retry + 1) is not { } pause) return;

                logger.LogWarning("'{Function}' is tried again in {Pause:c} after: {Problem}", function.Name, pause, e.Message);
                await Task.Delay(pause, clock, stopping);
            }
        }
    }
}
