using DeepSight.Core.Restore;

namespace DeepSight.Cli.Objects;

/// <summary><c>restore --undo</c>.</summary>
internal sealed record UndoJson(bool Undone, string Target, string Previous, string SetAside, double? UnavailableSeconds, IReadOnlyList<string> Notes)
{
    public static UndoJson Of(UndoResult result) => new(
        result.Unavailable is not null, result.Plan.Target.Target, result.Plan.Previous, result.Plan.SetAside, result.Unavailable?.TotalSeconds,
        [.. new[] { result.Plan.Warning }.OfType<string>(), .. result.Notes]);
}
