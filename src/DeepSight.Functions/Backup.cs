using DeepSight.Core.Backup;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>The scheduled backup. A backup now is <c>POST /admin/functions/Backup</c>; one that was missed, see <see cref="HostStart"/>.</summary>
public sealed class Backup(ScheduledBackup backup, RunningJobs jobs)
{
    /// <summary>The host counts a failed timer as run and would wait a day: it is tried again by our own policy.</summary>
    [Function("Backup")]
    [FixedDelayRetry(3, "00:10:00")]
    public Task RunAsync([TimerTrigger("%BACKUP_SCHEDULE%")] TimerInfo timer, CancellationToken cancellationToken) =>
        jobs.RunAsync(timer.IsPastDue ? backup.CatchUpAsync : backup.RunAsync, cancellationToken);
}
