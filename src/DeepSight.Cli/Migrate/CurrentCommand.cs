using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate current</c>: where the database stands.</summary>
internal static class CurrentCommand
{
    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "All about each revision." };
    private static readonly Option<bool> CheckHeads = new("--check-heads") { Description = "Exit 1 when the database is not at all heads." };

    public static Command Define() => CommandContext.Command("current", "Show where the database stands, and whether it agrees with the files.",
        RunAsync, Verbose, CheckHeads);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var state = await context.StateAsync(cancellationToken);
        context.Terminal.Object(MigrationStateReport.Of(state));
        if (!context.Terminal.AsJson) Print(context, state);
        return context.Parsed.GetValue(CheckHeads) && state.CurrentRevision != state.HeadRevision ? (int)FailureKind.Failed : ExitCodes.Done;
    }

    private static void Print(CommandContext context, MigrationState state)
    {
        if (state.IsAlembics) context.Terminal.Line($"  {state.CurrentRevision}   by Alembic");
        else RevisionList.Print(context, state.Current, state.Graph, state, context.Parsed.GetValue(Verbose));
        foreach (var line in StateView.Attention(state)) context.Terminal.Attention(line);
        if (state.Pending.Count > 0) context.Terminal.Line($"  {state.Pending.Count} pending, up to {state.HeadRevision}");
        if (state.PendingScripts.Count > 0) context.Terminal.Line($"  new or changed: {string.Join(", ", state.PendingScripts)}");
    }
}
