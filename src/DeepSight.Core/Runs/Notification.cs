using System.Globalization;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Runs;

/// <summary>What a webhook is told of one run. Records hold no secret, so neither does this.</summary>
/// <param name="Event"><c>failure</c>, <c>recovery</c> or <c>success</c>.</param>
/// <param name="Text">The whole of it in a few lines, for people.</param>
internal sealed record Notification(string Event, string Text, RunRecord Run)
{
    public static Notification Of(string kind, RunRecord run)
    {
        var took = run.FinishedAt is { } end ? string.Create(CultureInfo.InvariantCulture, $" after {(end - run.StartedAt).TotalSeconds:0.0} s") : "";
        var outcome = kind switch
        {
            "failure" => EnumNames.Of(run.Status),
            "recovery" => "succeeded again",
            _ => "succeeded",
        };
        string?[] lines =
        [
            $"DeepSight: {run.Job} {outcome}{took}" + (run.Backup is { } backup ? $": {backup}" : ""),
            run.Error,
            run.Hint is { } hint ? $"Hint: {hint}" : null,
            $"Run {run.Id}, {run.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, by {run.Trigger}.",
        ];
        return new Notification(kind, string.Join('\n', lines.OfType<string>()), run);
    }
}
