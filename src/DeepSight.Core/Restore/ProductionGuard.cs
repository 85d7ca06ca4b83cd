using DeepSight.Core.Postgres;

namespace DeepSight.Core.Restore;

/// <summary>Stops what is not confirmed before production, by the URL alone: the target is not contacted.</summary>
public static class ProductionGuard
{
    /// <exception cref="DeepSightException">It is production and not confirmed (<see cref="FailureKind.Refused"/>).</exception>
    public static void Check(DatabaseUrl target, bool confirmed, RestoreSettings settings)
    {
        if (!confirmed && ProductionHosts.Match(target, settings.ProductionHosts) is { } pattern)
            throw new DeepSightException(FailureKind.Refused,
                $"'{target.Display}' is production (it matches {pattern}) and the restore is not confirmed. The target was not contacted.",
                "look at the plan with --confirm --dry-run; then --confirm, in a queue message \"confirm\": true.");
    }
}
