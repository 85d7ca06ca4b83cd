using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Authoring;
using DeepSight.Core.Migrations.Autogenerate;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate new "message"</c>, Alembic's <c>revision -m</c>.</summary>
internal static class NewCommand
{
    private static readonly Argument<string?> Text = new("message") { Description = "What it does, in a few words.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Message = new("--message", "-m") { Description = "The same, as Alembic has it." };
    private static readonly Option<string[]> Head = new("--head") { Description = "What it follows: a head, or branch@head. Default: head." };
    private static readonly Option<bool> Splice = new("--splice") { Description = "Follow a revision that others follow already, making a branch." };
    private static readonly Option<string[]> Label = new("--branch-label") { Description = "A name for its branch." };
    private static readonly Option<string[]> DependsOn = new("--depends-on") { Description = "A revision that must be applied first though this one does not follow it." };
    private static readonly Option<string?> Id = new("--rev-id") { Description = "Its identifier; made up otherwise." };
    private static readonly Option<bool> Autogenerate = new("--autogenerate") { Description = "Write the SQL as well: what leads from the migrations to the declared schema and back, both proven in scratch databases." };
    private static readonly Option<bool> AllowEmpty = new("--allow-empty") { Description = "With --autogenerate: take a declared schema without a statement for what it says." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "With --autogenerate: print the SQL; write nothing." };

    public static Command Define() => CommandContext.Command("new", "Write the two files of a new revision, headers filled in.", RunAsync, Text, Message, Head, Splice, Label, DependsOn, Id,
        Autogenerate, Declared.From, Declared.OnTarget, Declared.AnyMajor, Declared.Schemas, Declared.Exclude, Declared.Rename, Declared.Simple, AllowEmpty, Declared.Unproven, DryRun).Also("revision");

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var parsed = context.Parsed;
        var message = parsed.GetValue(Message) ?? parsed.GetValue(Text) ?? throw new DeepSightException(FailureKind.InvalidInput,
            "A revision needs a message.", "deepsight migrate new \"add users\"");
        var revision = new NewRevision(message)
        {
            Heads = parsed.GetValue(Head) is { Length: > 0 } heads ? heads : ["head"],
            Splice = parsed.GetValue(Splice),
            BranchLabels = parsed.GetValue(Label) ?? [],
            DependsOn = parsed.GetValue(DependsOn) ?? [],
            Id = parsed.GetValue(Id),
        };
        var writer = new RevisionWriter(context.Migrations(), context.Get<TimeProvider>());
        if (parsed.GetValue(Autogenerate))
        {
            var scripts = await Declared.CompareAsync(context, revision.Heads, parsed.GetValue(AllowEmpty), cancellationToken);
            if (scripts.IsEmpty)
                throw new DeepSightException(FailureKind.NothingToDo, "The declared schema is what the migrations make: nothing was written.", "change the declared schema first.");
            if (parsed.GetValue(DryRun)) return Declared.Print(context, scripts);
            await WriteAsync(context, writer, revision, scripts, cancellationToken);
            return ExitCodes.Done;
        }

        Print(context, await writer.WriteAsync(revision, cancellationToken));
        return ExitCodes.Done;
    }

    /// <summary>Each follows the one before; the first has what was asked for.</summary>
    private static async Task WriteAsync(CommandContext context, RevisionWriter writer, NewRevision asked, GeneratedScripts scripts, CancellationToken cancellationToken)
    {
        var written = new List<WrittenRevision>();
        foreach (var (script, number) in scripts.Revisions.Select((script, index) => (script, index + 1)))
        {
            var revision = written.Count == 0 ? asked : new NewRevision(asked.Message) { Heads = [written[^1].Id] };
            written.Add(await writer.WriteAsync(revision with
            {
                Message = scripts.Revisions.Count == 1 ? asked.Message : $"{asked.Message} {number} of {scripts.Revisions.Count}",
                Up = script.Up,
                Down = script.Down,
                Hazards = script.Hazards,
                Unproven = scripts.Unproven,
            }, cancellationToken));
        }

        context.Terminal.Object(new WrittenChain(written));
        foreach (var revision in written) Say(context, revision);
    }

    public static void Print(CommandContext context, WrittenRevision written)
    {
        context.Terminal.Object(written);
        Say(context, written);
    }

    private static void Say(CommandContext context, WrittenRevision written)
    {
        context.Terminal.Success($"{written.Id}, after {(written.DownRevisions.Count == 0 ? "<base>" : string.Join(", ", written.DownRevisions))}");
        context.Terminal.Line($"  {written.Up}");
        context.Terminal.Line($"  {written.Down}");
    }
}
