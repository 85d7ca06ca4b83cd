using DeepSight.Cli.Output;
using DeepSight.Core.Migrations.Running;

namespace DeepSight.Cli.Migrate;

/// <summary>Prints what an up or a down did.</summary>
internal static class MigrationResultView
{
    public static void Print(CommandContext context, MigrationResult result, string verb)
    {
        context.Terminal.Object(MigrationJson.Of(result));
        foreach (var script in result.Scripts)
            context.Terminal.Line($"  {script.Script}" + (result.DryRun ? "" : $"   {Human.Duration(script.Elapsed)}"));
        foreach (var note in result.Notes) context.Terminal.Attention(note);

        var (before, after) = (result.Before ?? "<base>", result.After ?? "<base>");
        if (result.DryRun) context.Terminal.Line($"  {before} → {after}   A dry run: nothing was touched.");
        else if (result.Scripts.Count == 0) context.Terminal.Success($"{after}: nothing to do");
        else context.Terminal.Success($"{before} → {after}   {Count(result.Scripts.Count)} {verb} in {Human.Duration(Total(result))}");
    }

    private static string Count(int scripts) => scripts == 1 ? "1 script" : $"{scripts} scripts";

    private static TimeSpan Total(MigrationResult result) => result.Scripts.Aggregate(TimeSpan.Zero, (sum, script) => sum + script.Elapsed);
}

/// <summary><c>migrate up</c> and <c>migrate down</c>.</summary>
internal sealed record MigrationJson(bool DryRun, string? Before, string? After, IReadOnlyList<MigrationJson.Ran> Scripts, IReadOnlyList<string> Notes)
{
    public static MigrationJson Of(MigrationResult result) => new(result.DryRun, result.Before, result.After,
        [.. result.Scripts.Select(script => new Ran(script.Script, script.Revision, (long)script.Elapsed.TotalMilliseconds))], result.Notes);

    internal sealed record Ran(string Script, string? Revision, long ElapsedMs);
}
