using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace DeepSight.Core.Storage.Transfers;

/// <summary>Tries a request until it works, can't work, or patience ends. The SDKs' own retries are off: they know nothing of stalls.</summary>
internal sealed class StoreRetry
{
    private static readonly TimeSpan WorthTelling = TimeSpan.FromSeconds(2);

    private readonly StorePatience patience;
    private readonly ServiceFaults faults;
    private readonly ResiliencePipeline patient;
    private readonly ResiliencePipeline brief;

    public StoreRetry(StorePatience patience, ServiceFaults faults, ILogger log)
    {
        (this.patience, this.faults) = (patience, faults);
        patient = Build(patience.PatientRetries, log);
        brief = Build(patience.BriefRetries, log);
    }

    /// <param name="operation">Says how long it is tried.</param>
    /// <param name="stall">Without a byte moving for that long, an attempt counts as lost; null for the usual.</param>
    /// <param name="attempt">Sends the request; called anew each time.</param>
    /// <param name="cancellationToken">Ends the attempt and the waiting.</param>
    public async Task<T> RunAsync<T>(StoreOperation operation, TimeSpan? stall, Func<StallWatch, Task<T>> attempt, CancellationToken cancellationToken) =>
        await (operation.IsPatient ? patient : brief).ExecuteAsync(
            async token => await WatchedAsync(attempt, stall ?? patience.Stall, token), cancellationToken);

    private static async Task<T> WatchedAsync<T>(Func<StallWatch, Task<T>> attempt, TimeSpan stall, CancellationToken cancellationToken)
    {
        using var watch = new StallWatch(stall, cancellationToken);
        try
        {
            return await attempt(watch);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The SDKs wrap a cancellation in errors of their own at times.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (watch.HasStalled)
        {
            throw new TimeoutException($"nothing moved for {stall.TotalSeconds:0} seconds", e);
        }
    }

    private ResiliencePipeline Build(int retries, ILogger log) =>
        new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = args => ValueTask.FromResult(
                faults.IsTransient(args.Outcome.Exception) && (args.AttemptNumber < retries || faults.IsThrottling(args.Outcome.Exception))),
            MaxRetryAttempts = Math.Max(retries, patience.PatientRetries),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = patience.FirstDelay,
            MaxDelay = patience.LongestDelay,
            // Null: as long as it would be without the service's word.
            DelayGenerator = args => ValueTask.FromResult(
                faults.RetryAfter(args.Outcome.Exception) is { } asked ? (TimeSpan?)(asked < patience.LongestDelay ? asked : patience.LongestDelay) : null),
            OnRetry = args =>
            {
                // A stumble is no news; what keeps people waiting is.
                log.Log(args.RetryDelay < WorthTelling ? LogLevel.Information : LogLevel.Warning, "{Service}: attempt {Attempt} failed ({Fault}); next in {Delay:0.0} s",
                    faults.Service, args.AttemptNumber + 1, faults.Describe(args.Outcome.Exception!), args.RetryDelay.TotalSeconds);
                return ValueTask.CompletedTask;
            },
        }).Build();
}
