using DeepSight.Cli.Output;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Postgres;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace DeepSight.Cli.Quickstart;

/// <summary>The quickstart's last part: a drill of the newest backup, and what retention would do.</summary>
internal static class QuickstartKeep
{
    /// <returns>The plan, to be shown.</returns>
    public static async Task<RetentionPlan> RunAsync(QuickstartSteps steps, IServiceProvider services, DatabaseUrl server, CancellationToken cancellationToken)
    {
        var stores = services.GetRequiredService<BackupStores>();
        var latest = await stores.GetLatestAsync(cancellationToken);
        var (catalog, entry) = latest.Places[0];
        await steps.RunAsync("restored in a drill",
            () => services.GetRequiredService<DrillJob>().RestoreAsync(new DrillRequest(catalog, entry, [stores.Local], Triggers.Command), server, null, cancellationToken),
            drill => $"{drill.Name} in {Human.Duration(drill.RestoreTime)}; {drill.Rows:N0} rows in {drill.Tables} tables as its manifest says; the scratch database is gone");

        var result = await steps.RunAsync("retention planned",
            () => services.GetRequiredService<RetentionJob>().RunAsync(new RetentionRequest([stores.Local], Triggers.Command, Force: false, DryRun: true), cancellationToken),
            planned => $"a dry run: {planned.Stores[0].Plan.Kept.Count()} kept, {planned.Stores[0].Plan.Deleted.Count()} would go");
        return result.Stores[0].Plan;
    }
}
