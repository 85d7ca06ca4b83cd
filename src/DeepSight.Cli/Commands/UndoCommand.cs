using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Restore;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight restore --undo</c>.</summary>
internal static class UndoCommand
{
    public static async Task<int> RunAsync(CommandContext context, UndoRequest request, Confirmation asked, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        var result = await context.Get<UndoJob>().RunAsync(request, async (plan, token) =>
        {
            var age = context.Get<TimeProvider>().GetUtcNow() - plan.ReplacedAt;
            terminal.Note($"  back   '{plan.Previous}', which {plan.Backup ?? "an undo"} replaced at {plan.ReplacedAt:yyyy-MM-dd HH:mm} UTC ({Human.Age(age)}); what was written since will be set aside");
            terminal.Note($"  into   {plan.Target.Display}, {plan.Connections} connections; its present content stays as '{plan.SetAside}'");
            if (plan.Warning is { } warning) terminal.Attention(warning);
            if (!request.DryRun) await asked.ApproveAsync($"Undo the restore of {plan.Target.Database}?", token);
        }, cancellationToken);

        terminal.Object(UndoJson.Of(result));
        if (result.Unavailable is { } unavailable)
        {
            terminal.Success($"'{result.Plan.Target.Database}' is again what it was before the restore");
            foreach (var note in result.Notes) terminal.Attention(note);
            terminal.Line($"  unavailable for {unavailable.TotalSeconds:0.00} s; the restored content: '{result.Plan.SetAside}'");
        }
        else
        {
            terminal.Line("  A dry run: nothing was touched.");
        }

        return ExitCodes.Done;
    }
}

/// <summary><c>restore --undo</c>.</summary>
internal sealed record UndoJson(bool Undone, string Target, string Previous, string SetAside, double? UnavailableSeconds, IReadOnlyList<string> Notes)
{
    public static UndoJson Of(UndoResult result) => new(
        result.Unavailable is not null, result.Plan.Target.Target, result.Plan.Previous, result.Plan.SetAside, result.Unavailable?.TotalSeconds,
        [.. new[] { result.Plan.Warning }.OfType<string>(), .. result.Notes]);
}
