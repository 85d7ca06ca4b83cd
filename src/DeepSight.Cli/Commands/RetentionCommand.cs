using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight retention</c>.</summary>
internal static class RetentionCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show for each backup whether it would stay, and why; delete nothing." };

    private static readonly Option<bool> Force = new("--force") { Description = "Delete even when next to nothing would be left." };

    public static Command Define() => CommandContext.Command("retention",
        "Delete the backups that no rule keeps (BACKUP_RETENTION_DAYS, BACKUP_KEEP_…), and what interrupted jobs left.", RunAsync, DryRun, Force);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var dryRun = context.Parsed.GetValue(DryRun);
        var request = new RetentionRequest(context.Get<BackupStores>().Kept, Triggers.Command, context.Parsed.GetValue(Force), dryRun);
        var result = await context.Get<RetentionJob>().RunAsync(request, cancellationToken);

        var now = context.Get<TimeProvider>().GetUtcNow();
        context.Terminal.Object(RetentionReport.Of(result, context.Settings.Retention, dryRun));
        foreach (var store in result.Stores) Print(context.Terminal, store, dryRun, now);
        foreach (var line in result.Databases) context.Terminal.Line($"  {line}");
        foreach (var failure in result.Failures) context.Terminal.Problem(failure.Message, failure.Hint);
        if (dryRun) context.Terminal.Line("  A dry run: nothing was deleted.");
        return result.Failures.Count == 0 ? ExitCodes.Done : (int)FailureKind.Failed;
    }

    private static void Print(Terminal terminal, StoreRetentionResult store, bool dryRun, DateTimeOffset now)
    {
        terminal.Line($"  {store.Location}");
        terminal.Show(RetentionTable.Of(dryRun ? store.Plan.Decisions : store.Plan.Deleted, now));
        var going = store.Plan.Deleted.ToList();
        if (dryRun)
            terminal.Line($"  {store.Plan.Kept.Count():N0} stay, {going.Count:N0} would go ({Human.Size(going.Sum(decision => decision.Backup.StoredBytes))})" + Runs(store));
        else
            terminal.Success($"{store.Deleted.Count:N0} deleted ({Human.Size(store.FreedBytes)}), {store.Plan.Kept.Count():N0} stay" + Runs(store));
        if (store.KeptByStore is { } kept) terminal.Line($"  not freed yet: {kept}");
        foreach (var line in store.Swept) terminal.Line($"  {line}");
        if (store.Plan.LeavesTooFew && dryRun) terminal.Attention("Next to nothing would be left: without --force retention refuses this plan.");
        foreach (var line in store.Warnings) terminal.Attention(line);
        foreach (var line in store.Orphans) terminal.Attention($"Left alone: {line}");
        terminal.Line();
    }

    private static string Runs(StoreRetentionResult store) => store.Runs == 0 ? "" : $"; {store.Runs:N0} old run {(store.Runs == 1 ? "record" : "records")} with them";
}
