using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Runs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace DeepSight.Functions;

/// <summary>The scheduled drill: restores the newest backup, unless it is proven already. Off without VERIFY_DATABASE_URL.</summary>
public sealed class Verify(DeepSightSettings settings, BackupStores stores, DrillJob job, RunningJobs jobs, ILogger<Verify> log)
{
    [Function("Verify")]
    public Task RunAsync([TimerTrigger("%VERIFY_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken) => jobs.RunAsync(RunAsync, cancellationToken);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        if (settings.ThrowIfInvalid().Database.ForDrills() is not { } server)
        {
            log.LogInformation("Drills are off: VERIFY_DATABASE_URL is not set.");
            return;
        }

        var latest = await stores.GetLatestAsync(cancellationToken);
        var (catalog, entry) = latest.Places.FirstOrDefault(place => place.Entry.IsGood, latest.Places[0]);
        if (entry.HasDrill)
            log.LogInformation("{Backup} was proven already.", entry.Name);
        else
            await job.RestoreAsync(new DrillRequest(catalog, entry, stores.Kept, Triggers.Timer), server, null, cancellationToken);
    }
}
