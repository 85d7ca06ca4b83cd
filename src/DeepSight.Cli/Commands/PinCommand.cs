using System.CommandLine;
using DeepSight.Core;
using DeepSight.Core.Catalog;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight pin NAME</c> and <c>deepsight unpin NAME</c>.</summary>
internal static class PinCommand
{
    public static Command Define(bool pin)
    {
        var name = new Argument<string>("name") { Description = "The backup's name, as `deepsight list` shows it." };
        return CommandContext.Command(pin ? "pin" : "unpin",
            pin ? "Keep a backup for ever: retention never deletes a pinned one." : "Give a pinned backup back to retention.",
            (context, cancellationToken) => RunAsync(context, pin, context.Parsed.GetRequiredValue(name), cancellationToken), name);
    }

    private static async Task<int> RunAsync(CommandContext context, bool pin, string name, CancellationToken cancellationToken)
    {
        var report = await context.Get<BackupStores>().PinAsync(name, pin, cancellationToken);
        context.Terminal.Object(report);
        context.Terminal.Success($"{name} is {(pin ? "pinned: retention will not delete it" : "no longer pinned")}   {string.Join("  ", report.Locations)}");
        return ExitCodes.Done;
    }
}
