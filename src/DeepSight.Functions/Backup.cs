using DeepSight.Core.Backup;
using DeepSight.Core.Settings;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>The scheduled backup. A backup now is <c>POST /admin/functions/Backup</c>.</summary>
public sealed class Backup(DeepSightSettings settings, BackupStores stores, BackupJob job)
{
    /// <summary>The host counts a failed timer as run and would wait a day: it is tried again by our own policy.</summary>
    [Function("Backup")]
    [FixedDelayRetry(3, "00:10:00")]
    public async Task RunAsync([TimerTrigger("%BACKUP_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        var request = new BackupRequest(settings.ThrowIfInvalid().Database.ForJobs(), BackupKind.Scheduled, stores.ForSchedule(), "timer");
        var result = await job.RunAsync(request, progress: null, cancellationToken);
        result.ThrowIfIncomplete();
    }
}
