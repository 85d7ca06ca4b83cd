using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Running;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate down target</c>, Alembic's <c>downgrade</c>.</summary>
internal static class DownCommand
{
    private static readonly Argument<string> Target = new("target") { Description = "-1, a revision (which stays), base, branch@-1, …" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be undone; touch nothing." };
    private static readonly Option<bool> Confirm = new("--confirm") { Description = "This is production, and it is meant." };
    private static readonly Option<bool> AllowDrift = new("--allow-drift") { Description = "Go on though applied files changed, were renamed or are gone." };

    public static Command Define() => CommandContext.Command("down",
        "Undo what follows the target; automatic migration is held until the next up.", RunAsync, Target, DryRun, Confirm, AllowDrift).Also("downgrade");

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new DownRequest(context.Parsed.GetRequiredValue(Target))
        {
            DryRun = context.Parsed.GetValue(DryRun),
            Confirmed = context.Parsed.GetValue(Confirm),
            AllowDrift = context.Parsed.GetValue(AllowDrift),
            ProductionHosts = context.ProductionHosts(),
        };
        var result = await context.Get<MigrationJob>()
            .DownAsync(context.Database(), request, Triggers.Command, new MigrationProgressView(context.Terminal), cancellationToken);
        MigrationResultView.Print(context, result, "undone");
        return ExitCodes.Done;
    }
}
