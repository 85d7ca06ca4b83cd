using DeepSight.Core;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Runs;
using Microsoft.Extensions.Hosting;

namespace DeepSight.Functions;

/// <summary>With MIGRATIONS_AUTO=startup: applies what is pending when the host starts. Several instances take turns; one finds work.</summary>
internal sealed class StartupMigration(DeepSightSettings settings, AutomaticMigrationJob migration) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Migrations.Auto != AutoMigration.Startup) return;

        try
        {
            await migration.RunAsync(settings.ThrowIfInvalid().Database.ForJobs(), AutoMigration.Startup, Triggers.Startup, stoppingToken);
        }
        catch (DeepSightException e)
        {
            // The host serves without: backups and health are needed now more than ever.
            StartNotice.Print($"The pending migrations were not applied: {StartNotice.Of(e)}");
        }
    }
}
