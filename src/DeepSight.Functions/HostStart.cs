using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DeepSight.Functions;

/// <summary>
/// Says at start what is wrong with the settings, and makes the backup that is overdue. No timer does the latter: a new app has missed
/// nothing by its schedule, and <c>RunOnStartup</c> looks to a function like being asked by hand.
/// </summary>
internal sealed class HostStart(
    DeepSightSettings settings, ScheduledBackup backup, IConfiguration configuration, ILogger<HostStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var directory = settings.Backup.Store == BackupStoreChoice.S3 ? null : settings.Backup.DirectoryWarning;
        foreach (var warning in settings.Warnings.Append(directory).OfType<string>()) logger.LogWarning("{Warning}", warning);
        foreach (var error in settings.Errors) logger.LogError("{Error} No job runs until it is right.", error);
        if (settings.Errors.Count > 0 || configuration["AzureWebJobs.Backup.Disabled"] is "true" or "True" or "1") return;

        try
        {
            await backup.CatchUpAsync(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Thrown on, it would end the host, and its restart would do the same again.
            logger.LogError(e, "The overdue backup was not made; the next scheduled one tries again.");
        }
    }
}
