using System.CommandLine;
using DeepSight.Core;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate check</c>: for scripts; exit 1 when something is pending or doesn't agree.</summary>
internal static class CheckCommand
{
    public static Command Define() => CommandContext.Command("check", "Exit 0 when the database is at the head and agrees with the files, 1 when not.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var state = await context.StateAsync(cancellationToken);
        context.Terminal.Object(MigrationStateJson.Of(state));
        foreach (var revision in state.Pending) context.Terminal.Line($"  pending   up/{revision.File}");
        foreach (var script in state.PendingScripts) context.Terminal.Line($"  pending   {script}");
        foreach (var line in StateView.Attention(state)) context.Terminal.Attention(line);
        if (!state.IsUpToDate) return (int)FailureKind.Failed;

        context.Terminal.Success($"{state.CurrentRevision ?? "<base>"}: up to date");
        return ExitCodes.Done;
    }
}
