using System.CommandLine;
using DeepSight.Cli.Commands;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate up [target]</c>, Alembic's <c>upgrade</c>.</summary>
internal static class UpCommand
{
    private static readonly Argument<string> Target = new("target")
    {
        Description = "head, heads, a revision or the beginning of one, +1, branch@head, …",
        DefaultValueFactory = _ => "head",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would run; touch nothing." };
    private static readonly Option<bool> AllowDrift = new("--allow-drift") { Description = "Go on though applied files changed, were renamed or are gone." };
    private static readonly Option<bool> AllowDataLoss = new("--allow-data-loss") { Description = "Apply revisions whose header says that they delete data as well; a backup is taken before." };
    private static readonly Option<bool> BackupFirst = new("--backup-first") { Description = "If there is something to apply, back up before it; both under one lock." };

    public static Command Define() => CommandContext.Command("up",
        "Apply what the target needs; at the head also the scripts of the other folders.", RunAsync, Target, DryRun, AllowDrift, AllowDataLoss, BackupFirst).Also("upgrade");

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new UpRequest
        {
            Target = context.Parsed.GetRequiredValue(Target),
            DryRun = context.Parsed.GetValue(DryRun),
            AllowDrift = context.Parsed.GetValue(AllowDrift),
            AllowDataLoss = context.Parsed.GetValue(AllowDataLoss),
            Backup = (held, token) => BackUpAsync(context, held, token),
            BackupFirst = context.Parsed.GetValue(BackupFirst),
        };
        request = request with { ApprovedLosses = await ApprovedAsync(context, request, cancellationToken) };
        var result = await context.Get<MigrationJob>()
            .UpAsync(context.Database(), request, Triggers.Command, new MigrationProgressView(context.Terminal), cancellationToken);
        MigrationResultView.Print(context, result, "applied");
        return ExitCodes.Done;
    }

    /// <summary>Asked on a terminal, before the lock is taken; what else turns out to be deleted is refused.</summary>
    private static async Task<IReadOnlyList<string>> ApprovedAsync(CommandContext context, UpRequest request, CancellationToken cancellationToken)
    {
        var asked = new Confirmation(context.Terminal, yes: false);
        if (request.AllowDataLoss || request.DryRun || !asked.CanAsk) return [];

        var foretold = await context.Get<MigrationJob>()
            .UpAsync(context.Database(), request with { DryRun = true }, Triggers.Command, new MigrationProgressView(context.Terminal), cancellationToken);
        if (foretold.Losses.Count > 0) await asked.ApproveLossesAsync(context.Database(), foretold.Losses, cancellationToken);
        return foretold.Losses;
    }

    private static async Task<string> BackUpAsync(CommandContext context, JobLock held, CancellationToken cancellationToken)
    {
        var stores = context.Get<BackupStores>();
        context.WarnOfDirectory();
        var request = new BackupRequest(context.Database(), BackupKind.Manual, stores.ForCommand(upload: stores.Wanted.Count == 0 && stores.Remote.Count > 0), Triggers.Command) { Under = held };
        using var progress = BackupProgressView.Start(context.Terminal);
        var result = await context.Get<BackupJob>().RunAsync(request, progress, cancellationToken);
        progress.Dispose();
        context.Terminal.Note($"  backup    {result.Manifest.Name}   {Human.Size(result.Manifest.StoredBytes)}   in {string.Join(" and ", result.Locations)}");
        foreach (var (store, failure) in result.Failures.Concat(result.Shortfalls)) context.Terminal.Warning($"{failure.Message} ({store.Location})");
        return result.Manifest.Name.ToString();
    }
}
