using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace DeepSight.Functions;

/// <summary>
/// Says at start what is wrong with the settings, and makes the backup that is overdue. No timer does the latter: a new app has missed
/// nothing by its schedule, and <c>RunOnStartup</c> looks to a function like being asked by hand.
/// </summary>
internal sealed class HostStart(
    DeepSightSettings settings, ScheduledBackup backup, IConfiguration configuration) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var directory = settings.Backup.Store == BackupStoreChoice.S3 ? null : settings.Backup.DirectoryWarning;
        foreach (var warning in settings.Warnings.Append(directory).OfType<string>()) StartNotice.Print(warning);
        foreach (var error in settings.Errors) StartNotice.Print($"{error} No job runs until it is right.");
        if (settings.Errors.Count > 0 || configuration["AzureWebJobs.Backup.Disabled"] is "true" or "True" or "1") return;

        try
        {
            await backup.CatchUpAsync(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Thrown on, it would end the host, and its restart would do the same again.
            StartNotice.Print($"The overdue backup was not made; the next scheduled one tries again. {StartNotice.Of(e)}");
        }
    }
}

/// <summary>
/// What is said outside an invocation. The platform's host drops such lines of the log; what the worker prints arrives on both hosts.
/// </summary>
internal static class StartNotice
{
    public static void Print(string text) => Console.Error.WriteLine(text);

    /// <summary>A known failure with its hint; of any other all there is.</summary>
    public static string Of(Exception e) => e is DeepSightException known ? $"{known.Message} {known.Hint}".TrimEnd() : e.ToString();
}
