using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Importing;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate import-alembic DIR</c>.</summary>
internal static class ImportAlembicCommand
{
    private static readonly Argument<string> Folder = new("folder") { Description = "The folder of alembic.ini, or the one of env.py." };
    private static readonly Option<string?> Python = new("--python")
    {
        Description = "The Python that has your Alembic. Default: python3 of the PATH.",
        HelpName = "program",
    };

    public static Command Define() => CommandContext.Command("import-alembic",
        "Write a history of Alembic's as files of ours: what your own Alembic sends in a scratch database, proven up and down.",
        RunAsync, Folder, Python, Declared.OnTarget, Declared.AnyMajor);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var source = AlembicSource.Find(context.Parsed.GetValue(Folder)!, context.Parsed.GetValue(Python));
        await using var server = await Declared.RequireServerAsync(context, cancellationToken);
        var history = await context.Get<AlembicImport>().RunAsync(source, server.Url, new Declared.Steps(context), cancellationToken);
        foreach (var irreversible in history.Irreversible)
            context.Terminal.Warning($"Alembic can't undo {irreversible}. Its file says `-- irreversible`.");
        foreach (var review in history.Reviews) context.Terminal.Warning(review);
        context.Terminal.Object(history);
        var revisions = history.Files.Count == 1 ? "1 revision" : $"{history.Files.Count} revisions";
        context.Terminal.Success($"{revisions} in {history.Folder}, each proven both ways"
            + (history.Reviews.Count == 0 ? "." : $"; look at the lines `-- review:` ({history.Reviews.Count})."));
        return ExitCodes.Done;
    }
}
