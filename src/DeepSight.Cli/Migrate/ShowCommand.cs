using System.CommandLine;
using DeepSight.Core;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate show revision</c>, or <c>current</c>.</summary>
internal static class ShowCommand
{
    private static readonly Argument<string> Target = new("revision") { Description = "A revision, heads, or current." };

    public static Command Define() => CommandContext.Command("show", "Show all about a revision.", RunAsync, Target);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var target = context.Parsed.GetRequiredValue(Target);
        var state = target == "current" ? await context.StateAsync(cancellationToken) : null;
        var graph = state?.Graph ?? (await context.FilesAsync(cancellationToken)).Graph;
        RevisionList.Print(context, state?.Current ?? graph.Resolve(target), graph, state, verbose: true);
        return ExitCodes.Done;
    }
}
