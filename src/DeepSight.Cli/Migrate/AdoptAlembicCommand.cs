using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Journal;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate adopt-alembic [--map FILE]</c>.</summary>
internal static class AdoptAlembicCommand
{
    private static readonly Option<string?> Map = new("--map") { Description = "Lines of `alembic-revision our-revision`, where the names differ.", HelpName = "file" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would change; touch nothing." };

    public static Command Define() => CommandContext.Command("adopt-alembic",
        "Take over a database of Alembic's: what its alembic_version says counts as applied. Runs nothing.", RunAsync, Map, DryRun);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var map = context.Parsed.GetValue(Map) is { } path ? await AlembicMap.ReadAsync(path, cancellationToken) : new Dictionary<string, string>();
        var view = new MigrationProgressView(context.Terminal);
        StampCommand.Print(context, await context.Get<MigrationJob>()
            .AdoptAlembicAsync(context.Database(), map, context.Parsed.GetValue(DryRun), Triggers.Command, view, cancellationToken));
        return ExitCodes.Done;
    }
}
