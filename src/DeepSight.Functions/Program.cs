using DeepSight.Core;
using DeepSight.Core.Settings;
using DeepSight.Functions;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

try
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();

    var source = new SettingsSource().Add(builder.Configuration.AsEnumerable(), "configuration");
    var settings = DeepSightSettings.Load(source);
    // On Azure the infrastructure sets the schedules: the host resolves the names before this code runs.
    builder.Configuration["BACKUP_SCHEDULE"] = settings.Backup.EffectiveSchedule;
    builder.Configuration["RETENTION_SCHEDULE"] = settings.Retention.Schedule ?? "0 30 3 * * *";
    builder.Configuration["VERIFY_SCHEDULE"] = settings.Verification.Schedule ?? "0 0 4 * * *";
    if (settings.Database.VerifyUrl is null && builder.Configuration["AzureWebJobs.Verify.Disabled"] is null)
    {
        builder.Configuration["AzureWebJobs.Verify.Disabled"] = "true";
        builder.Configuration["AzureWebJobs.Verify.DisabledBecause"] = "VERIFY_DATABASE_URL is not set";
    }

    builder.Services.AddDeepSight(settings).AddHostedService<StartupMigration>().AddHostedService<HostStart>();

    await builder.Build().RunAsync();
    return 0;
}
catch (DeepSightException e)
{
    // Only the local host gets here; on Azure a setting that is wrong must not end in a restart loop.
    await Console.Error.WriteLineAsync($"✗ {e.Message}");
    if (e.Hint is not null) await Console.Error.WriteLineAsync($"  Hint: {e.Hint}");
    return (int)e.Kind;
}
