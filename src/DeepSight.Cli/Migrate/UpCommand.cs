using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Migrations.Running;

namespace DeepSight.Cli.Migrate;

/// <summary><c>migrate up [target]</c>, Alembic's <c>upgrade</c>.</summary>
internal static class UpCommand
{
    private static readonly Argument<string> Target = new("target")
    {
        Description = "head, heads, a revision or the beginning of one, +1, branch@head, …",
        DefaultValueFactory = _ => "head",
    };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would run; touch nothing." };
    private static readonly Option<bool> AllowDrift = new("--allow-drift") { Description = "Go on though applied files changed, were renamed or are gone." };

    public static Command Define() => CommandContext.Command("up",
        "Apply what the target needs; at the head also the scripts of the other folders.", RunAsync, Target, DryRun, AllowDrift).Also("upgrade");

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var request = new UpRequest
        {
            Target = context.Parsed.GetRequiredValue(Target),
            DryRun = context.Parsed.GetValue(DryRun),
            AllowDrift = context.Parsed.GetValue(AllowDrift),
        };
        var result = await new MigrationRunner(context.Migrations(), context.Get<TimeProvider>())
            .UpAsync(context.Database(), request, new MigrationProgressView(context.Terminal), cancellationToken);
        MigrationResultView.Print(context, result, "applied");
        return ExitCodes.Done;
    }
}
