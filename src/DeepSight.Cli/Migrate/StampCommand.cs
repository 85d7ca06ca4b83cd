using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate stamp revisions…</c>: say what counts as applied, and run nothing.</summary>
internal static class StampCommand
{
    private static readonly Argument<string[]> Targets = new("revisions") { Description = "heads, base, or revisions.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Purge = new("--purge") { Description = "Forget first what the journal says, files that are gone included." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would change; touch nothing." };

    public static Command Define() => CommandContext.Command("stamp",
        "Set what counts as applied without running anything; the journal gets the files as they are.", RunAsync, Targets, Purge, DryRun);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new StampRequest(context.Parsed.GetRequiredValue(Targets)) { Purge = context.Parsed.GetValue(Purge), DryRun = context.Parsed.GetValue(DryRun) };
        var view = new MigrationProgressView(context.Terminal);
        Print(context, await context.Get<MigrationJob>()
            .StampAsync(context.Database(), request, Triggers.Command, view, cancellationToken));
        return ExitCodes.Done;
    }

    public static void Print(CommandContext context, StampResult result)
    {
        context.Terminal.Object(result);
        foreach (var revision in result.Removed) context.Terminal.Line($"  no longer applied   {revision}");
        foreach (var revision in result.Added) context.Terminal.Line($"  applied             {revision}");
        foreach (var revision in result.Renewed) context.Terminal.Line($"  text renewed        {revision}");
        if (result.DryRun) context.Terminal.Line($"  → {result.After ?? "<base>"}   A dry run: nothing was touched.");
        else context.Terminal.Success($"{result.After ?? "<base>"}: stamped, nothing was run");
    }
}
