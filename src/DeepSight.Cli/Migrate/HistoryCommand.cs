using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate history [-r from:to]</c>, latest first.</summary>
internal static class HistoryCommand
{
    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "All about each revision." };
    private static readonly Option<string?> Range = new("--rev-range", "-r") { Description = "from:to; either may be left out, or be 'current'; -3:current." };
    private static readonly Option<bool> Indicate = new("--indicate-current", "-i") { Description = "Ask the database which are applied." };

    public static Command Define() => CommandContext.Command("history", "List the revisions, latest first.", RunAsync, Verbose, Range, Indicate);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var range = context.Parsed.GetValue(Range);
        var asks = context.Parsed.GetValue(Indicate) || range?.Contains("current", StringComparison.Ordinal) == true;
        var state = asks ? await context.StateAsync(cancellationToken) : null;
        var graph = state?.Graph ?? (await context.FilesAsync(cancellationToken)).Graph;
        RevisionList.Print(context, new HistoryRange(graph).List(state?.Applied ?? [], range), graph, state, context.Parsed.GetValue(Verbose));
        return ExitCodes.Done;
    }
}
