using System.CommandLine;
using DeepSight.Core;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate heads</c>.</summary>
internal static class HeadsCommand
{
    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "All about each revision." };
    private static readonly Option<bool> Resolve = new("--resolve-dependencies") { Description = "Leave out heads that another depends on." };

    public static Command Define() => CommandContext.Command("heads", "List the revisions that no other follows.", RunAsync, Verbose, Resolve);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var graph = (await context.FilesAsync(cancellationToken)).Graph;
        RevisionList.Print(context, context.Parsed.GetValue(Resolve) ? graph.IndependentHeads : graph.Heads, graph, null, context.Parsed.GetValue(Verbose));
        return ExitCodes.Done;
    }
}
