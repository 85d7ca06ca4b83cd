using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Deletes what no rule keeps, in every store. Interrupted, it goes on where it was the next time.</summary>
public sealed class Retention(DeepSightSettings settings, BackupStores stores, RetentionJob job, RunningJobs jobs)
{
    [Function("Retention")]
    [FixedDelayRetry(2, "00:10:00")]
    public Task RunAsync([TimerTrigger("%RETENTION_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken) => jobs.RunAsync(RunAsync, cancellationToken);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        settings.ThrowIfInvalid();
        var result = await job.RunAsync(new RetentionRequest(stores.Kept, Triggers.Timer, Force: false, DryRun: false), cancellationToken);

        // One store's failure does not keep the others from being cleared up; it fails the run all the same.
        if (result.Failures is [var failure, ..]) throw new DeepSightException(failure.Kind, failure.Message, failure.Hint, failure);
    }
}
