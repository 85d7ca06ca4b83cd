using System.CommandLine;
using DeepSight.Core;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate branches</c>: where the history forks.</summary>
internal static class BranchesCommand
{
    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "All about each revision." };

    public static Command Define() => CommandContext.Command("branches", "Show where the history forks, and into what.", RunAsync, Verbose);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var graph = (await context.FilesAsync(cancellationToken)).Graph;
        var forks = graph.BranchPoints.Select(point => (
            Point: RevisionRow.Of(point, graph, null),
            Into: graph.Followers(point).Select(next => RevisionRow.Of(next, graph, null)).ToList())).ToList();
        context.Terminal.Object(new BranchesJson([.. forks.Select(fork => new BranchesJson.Fork(fork.Point.Revision, fork.Point.File, fork.Into))]));
        if (forks.Count == 0) context.Terminal.Line("  (none)");
        foreach (var (point, into) in forks)
        {
            foreach (var line in context.Parsed.GetValue(Verbose) ? point.Details() : [$"{point.Revision} {point.Marks}, {point.Message}".TrimEnd(' ', ',')])
                context.Terminal.Line("  " + line);
            foreach (var next in into) context.Terminal.Line($"  {new string(' ', point.Revision.Length)} -> {next.Revision} {next.Marks}, {next.Message}".TrimEnd(' ', ','));
        }

        return ExitCodes.Done;
    }
}

/// <summary><c>migrate branches</c>.</summary>
internal sealed record BranchesJson(IReadOnlyList<BranchesJson.Fork> Branches)
{
    internal sealed record Fork(string Revision, string File, IReadOnlyList<RevisionRow> Into);
}
