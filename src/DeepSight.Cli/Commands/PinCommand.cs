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
        var backup = await context.Get<BackupStores>().GetAsync(name, cancellationToken);
        foreach (var (catalog, entry) in backup.Places)
            await (pin ? catalog.PinAsync(entry.Name, cancellationToken) : catalog.UnpinAsync(entry.Name, cancellationToken));

        var locations = backup.Places.Select(place => place.Catalog.Store.Location).ToList();
        context.Terminal.Object(new PinJson(name, pin, locations));
        context.Terminal.Success($"{name} is {(pin ? "pinned: retention will not delete it" : "no longer pinned")}   {string.Join("  ", locations)}");
        return ExitCodes.Done;
    }
}

/// <summary><c>pin</c> and <c>unpin</c>.</summary>
internal sealed record PinJson(string Name, bool Pinned, IReadOnlyList<string> Locations);
