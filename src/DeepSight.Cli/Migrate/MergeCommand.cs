using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Authoring;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate merge -m "message" rev1 rev2</c>, or <c>heads</c>.</summary>
internal static class MergeCommand
{
    private static readonly Argument<string[]> Revisions = new("revisions") { Description = "The heads to join, or 'heads' for all.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string?> Message = new("--message", "-m") { Description = "What it is for." };
    private static readonly Option<string[]> Label = new("--branch-label") { Description = "A name for the joined branch." };
    private static readonly Option<bool> Splice = new("--splice") { Description = "Join revisions that others follow already." };
    private static readonly Option<string?> Id = new("--rev-id") { Description = "Its identifier; made up otherwise." };

    public static Command Define() => CommandContext.Command("merge", "Write a revision that follows several heads, so that there is one again.",
        RunAsync, Revisions, Message, Label, Splice, Id);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var revisions = context.Parsed.GetValue(Revisions) is { Length: > 0 } named ? named : ["heads"];
        if (revisions is [var one] && !one.EndsWith("heads", StringComparison.Ordinal))
            throw new DeepSightException(FailureKind.InvalidInput, "A merge joins at least two revisions.", "name both, or say 'heads'.");

        if (revisions is ["heads"] && (await context.FilesAsync(cancellationToken)).Graph.Heads is { Count: < 2 } heads)
            throw new DeepSightException(FailureKind.NothingToDo, heads.Count == 0 ? "There are no revisions." : $"There is one head, {heads[0]}: nothing to merge.",
                "name two revisions, with --splice where others follow them already.");

        var written = await new RevisionWriter(context.Migrations(), context.Get<TimeProvider>()).WriteAsync(
            new NewRevision(context.Parsed.GetValue(Message) ?? $"merge {string.Join(" and ", revisions)}")
            {
                Heads = revisions,
                Splice = context.Parsed.GetValue(Splice),
                BranchLabels = context.Parsed.GetValue(Label) ?? [],
                Id = context.Parsed.GetValue(Id),
            }, cancellationToken);
        NewCommand.Print(context, written);
        return ExitCodes.Done;
    }
}
