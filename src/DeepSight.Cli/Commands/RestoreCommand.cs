using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Restore;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight restore</c>.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string?> File = new("file")
    {
        Description = "A dump (.sql, .sql.gz, .sql.zst), or the name of a backup that `deepsight list` shows.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> FromS3 = new("--from-s3") { Description = "The backup of this name in S3.", HelpName = "name" };
    private static readonly Option<bool> Latest = new("--latest") { Description = "The newest good backup." };
    private static readonly Option<RestoreMode?> Mode = new("--mode")
    {
        Description = "swap: a new database takes the target's place when it is proven (default). in-place: one transaction in the target. into: a new database beside it.",
        HelpName = "swap|in-place|into",
        CustomParser = RestoreModes.Parse,
    };

    private static readonly Option<string?> Into = new("--into") { Description = "Restore into a new database of this name; nothing else is touched.", HelpName = "name" };
    private static readonly Option<bool> Clean = new("--clean") { Description = "In place: drop what is there first, in the same transaction." };
    private static readonly Option<bool> TolerateErrors = new("--tolerate-errors") { Description = "In place: pass over statements that fail, and count them." };
    private static readonly Option<bool> Undo = new("--undo") { Description = "Swap back what the latest swap replaced." };
    private static readonly Option<bool> Confirm = new("--confirm") { Description = "This is production, and it is meant." };
    private static readonly Option<bool> ConfirmSpace = new("--confirm-space") { Description = "The server has the space that the plan shows." };
    private static readonly Option<bool> SkipBackup = new("--skip-backup", "--force") { Description = "No backup of the target first." };
    private static readonly Option<bool> CreateMissingRoles = new("--create-missing-roles") { Description = "Make the roles that the server lacks, without login." };
    private static readonly Option<bool> DropReplication = new("--drop-replication") { Description = "Swap, or undo, although replication slots or subscriptions are tied to the target, and drop them." };
    private static readonly Option<bool> DropOthers = new("--drop-others") { Description = "In place with --clean: drop tables as well that a dump made by hand does not hold." };
    private static readonly Option<bool> VerifyContent = new("--verify-content") { Description = "Dump what was restored and compare every table with the backup." };
    private static readonly Option<int?> Sessions = SessionsOption.Of("How many sessions load a new database, 1 to 16: rows of large tables, indexes and keys, side by side. Default: RESTORE_SESSIONS.");
    private static readonly Option<bool> TrustStatements = new("--trust-statements") { Description = "Run statements that pg_dump doesn't write: for a file made by hand that you have read." };
    private static readonly Option<bool> Unsigned = new("--unsigned") { Description = "Although RESTORE_TRUSTED_KEYS asks for a signature; on a terminal only." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show the plan; touch nothing." };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Don't ask after showing the plan." };

    public static Command Define() => CommandContext.Command("restore",
        "Restore a backup; whatever goes wrong, the database that was there is still there.", RunAsync,
        File, FromS3, Latest, Mode, Into, Clean, TolerateErrors, Undo, Confirm, ConfirmSpace, SkipBackup, CreateMissingRoles, DropReplication, DropOthers,
        VerifyContent, Sessions, TrustStatements, Unsigned, DryRun, Yes);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var parsed = context.Parsed;
        var find = FindSource(context);
        if (parsed.GetValue(Unsigned)) Confirmation.RequireTerminal(context.Terminal, "--unsigned");
        var target = context.Settings.Database.ForJobs();
        var asked = new Confirmation(context.Terminal, parsed.GetValue(Yes));
        var confirmed = parsed.GetValue(Confirm) || await asked.IsProductionConfirmedAsync(target, context.Settings.Restore, cancellationToken);
        if (parsed.GetValue(Undo))
            return await UndoCommand.RunAsync(context, new UndoRequest(target, confirmed, parsed.GetValue(DryRun), context.Get<BackupStores>().ForCommand(upload: false), Triggers.Command) { DropReplication = parsed.GetValue(DropReplication) }, asked, cancellationToken);

        var request = new RestoreRequest(new RestoreOptions
        {
            Mode = parsed.GetValue(Mode),
            Into = parsed.GetValue(Into),
            Clean = parsed.GetValue(Clean),
            Confirm = confirmed,
            ConfirmSpace = parsed.GetValue(ConfirmSpace),
            Force = parsed.GetValue(SkipBackup),
            CreateMissingRoles = parsed.GetValue(CreateMissingRoles),
            DropReplication = parsed.GetValue(DropReplication),
        })
        {
            Target = target,
            Source = find,
            Stores = context.Get<BackupStores>().ForCommand(upload: false),
            Trigger = Triggers.Command,
            TolerateErrors = parsed.GetValue(TolerateErrors),
            VerifyContent = parsed.GetValue(VerifyContent),
            Sessions = parsed.GetValue(Sessions),
            DropOthers = parsed.GetValue(DropOthers),
            TrustStatements = parsed.GetValue(TrustStatements),
            AllowUnsigned = parsed.GetValue(Unsigned),
            DryRun = parsed.GetValue(DryRun),
        };

        if (!parsed.GetValue(SkipBackup) && !request.DryRun) context.WarnOfDirectory();
        using var progress = new RestoreProgressView(context.Terminal);
        var result = await context.Get<RestoreJob>().RunAsync(request, ApproveAsync, progress, cancellationToken);
        progress.Dispose();
        Print(context, result, request);
        return ExitCodes.Done;

        async Task ApproveAsync(RestorePlan plan, CancellationToken token)
        {
            progress.Dispose();
            RestorePlanView.Print(context.Terminal, plan, request, context.Get<TimeProvider>().GetUtcNow(), context.Settings.Restore.KeepPreviousDays);
            if (!request.DryRun) await asked.ApproveAsync($"Restore {plan.ResultName}?", token);
        }
    }

    /// <summary>Exactly one of the three ways to name a backup; with --undo none.</summary>
    private static Func<CancellationToken, Task<DumpSource>> FindSource(CommandContext context)
    {
        var parsed = context.Parsed;
        var (file, name, latest, undo) = (parsed.GetValue(File), parsed.GetValue(FromS3), parsed.GetValue(Latest), parsed.GetValue(Undo));
        var given = (file is null ? 0 : 1) + (name is null ? 0 : 1) + (latest ? 1 : 0);
        if (undo && given > 0)
            throw new DeepSightException(FailureKind.InvalidInput, "--undo takes no backup: it brings back what the latest swap replaced.", "say --undo alone, or leave it out to restore a backup.");
        if (!undo && given != 1)
            throw new DeepSightException(FailureKind.InvalidInput, given == 0 ? "Which backup?" : "Only one of FILE, --from-s3 and --latest can be restored.",
                "name a file or a backup, or say --from-s3 NAME or --latest; `deepsight list` shows them.");

        var sources = new Lazy<RestoreSources>(context.Get<RestoreSources>);
        return file is not null ? token => sources.Value.FindAsync(file, token)
            : name is not null ? token => sources.Value.FromS3Async(name, token)
            : token => sources.Value.LatestAsync(token);
    }

    /// <summary>Only what was compared with something.</summary>
    private static string Proof(RestoreResult result)
    {
        var counted = result.Tables > 0 ? ", and the server's count of every table's rows" : "";
        return (result.Plan.Source.Manifest is not null
                ? $"proven: checksum and rows as the manifest says, trailer{counted}"
                : $"checked: the dump's own trailer{counted}; without a manifest there is nothing to compare the file with")
            + (result.Inserts > 0 ? $"; {result.Inserts:N0} rows came by INSERT, which nobody counts" : "")
            + (result.ContentCompared ? "; and every table's content by a dump of it" : "");
    }

    private static void Print(CommandContext context, RestoreResult result, RestoreRequest request)
    {
        var (terminal, plan) = (context.Terminal, result.Plan);
        terminal.Object(RestoreJson.Of(result));
        if (!result.Restored)
        {
            terminal.Line("  A dry run: nothing was touched.");
            return;
        }

        terminal.Success($"{plan.Source.Name} is in '{plan.ResultName}': {result.Tables} tables, {result.Rows:N0} rows, {Human.Size(result.SqlBytes)} of SQL   {Human.Duration(result.Elapsed)}");
        if (result.ToleratedErrors == 0) terminal.Line("  " + Proof(result));
        foreach (var note in result.Notes) terminal.Attention(note);
        if (result.Unavailable is { } unavailable) terminal.Line($"  unavailable for {unavailable.TotalSeconds:0.00} s");
        if (plan.PreviousName is { } previous) terminal.Line($"  what was there: '{previous}', kept {context.Settings.Restore.KeepPreviousDays} days; undo: deepsight restore --undo");
        if (result.PreRestoreBackup is { } backup)
            terminal.Line($"  backup of it: {backup}" + (plan.PreviousName is null ? $"; undo: deepsight restore {backup} --mode in-place --clean" : ""));
        if (plan.Mode == RestoreMode.Into) return;
        terminal.Line("  automatic migration is held until the next `deepsight migrate up`");
    }
}

/// <summary><c>restore</c>.</summary>
internal sealed record RestoreJson
{
    public required bool Restored { get; init; }

    public required RestorePlanReport Plan { get; init; }

    public required int Tables { get; init; }

    public required long Rows { get; init; }

    public required long SqlBytes { get; init; }

    public required string? Sha256 { get; init; }

    public required string? PreRestoreBackup { get; init; }

    public required double Seconds { get; init; }

    public required double? UnavailableSeconds { get; init; }

    public required bool ContentCompared { get; init; }

    public required int ToleratedErrors { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public static RestoreJson Of(RestoreResult result) => new()
    {
        Restored = result.Restored,
        Plan = RestorePlanReport.Of(result.Plan),
        Tables = result.Tables,
        Rows = result.Rows,
        SqlBytes = result.SqlBytes,
        Sha256 = result.Sha256,
        PreRestoreBackup = result.PreRestoreBackup,
        Seconds = result.Elapsed.TotalSeconds,
        UnavailableSeconds = result.Unavailable?.TotalSeconds,
        ContentCompared = result.ContentCompared,
        ToleratedErrors = result.ToleratedErrors,
        Notes = result.Notes,
    };
}
