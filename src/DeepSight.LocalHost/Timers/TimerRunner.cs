using System.Text.Json;
using DeepSight.LocalHost.Worker;
using DeepSight.LocalHost.Worker.Protocol;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>Runs a timer function, and again by its retry rule when it fails.</summary>
internal sealed class TimerRunner(FunctionInvoker invoker, TimeProvider clock, ILogger<TimerRunner> logger)
{
    /// <summary>Returns when it has succeeded or has failed for good; either way the run is done and the next one is due by schedule.</summary>
    /// <exception cref="OperationCanceledException">The host stops: the run is not done.</exception>
    public async Task RunAsync(FunctionDescriptor function, ScheduleStatus? status, bool pastDue, string reason, CancellationToken stopping)
    {
        var most = function.Retry?.MaxRetryCount ?? 0;
        for (var retry = 0; ; retry++)
        {
            try
            {
                var input = Input(status, pastDue, retry == 0 ? reason : $"retry {retry} of {most}") with
                {
                    Retry = new RetryContext { RetryCount = retry, MaxRetryCount = most },
                };
                await Task.Run(() => invoker.InvokeAsync(function, input, stopping), CancellationToken.None);
                return;
            }
            catch (Exception e) when (stopping.IsCancellationRequested)
            {
                // Whatever it threw, it was cut off.
                throw new OperationCanceledException(e.Message, e, stopping);
            }
            catch (Exception e)
            {
                // The failure itself is in the log already. A run whose worker ended is tried once more, rule or not.
                if ((function.RetryPause(retry + 1) ?? (e is WorkerLostException && retry == 0 ? TimeSpan.Zero : null)) is not { } pause) return;
                logger.LogWarning("'{Function}' is tried again in {Pause:c} after: {Problem}", function.Name, pause, e.Message);
                await Task.Delay(pause, clock, stopping);
            }
        }
    }

    /// <summary>A timer's data as the real host sends it.</summary>
    public static TriggerInput Input(ScheduleStatus? status, bool pastDue, string reason) => new(
        new TypedData { Json = JsonSerializer.Serialize(new { Schedule = new { AdjustForDST = true }, ScheduleStatus = status, IsPastDue = pastDue }) }, reason);
}
