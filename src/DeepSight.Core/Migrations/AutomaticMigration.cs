namespace DeepSight.Core.Migrations;

/// <summary>
/// Whether pending migrations may be applied without anyone asking. Never on a database that is not clearly ours, nor on one that
/// somebody has just moved on purpose.
/// </summary>
public static class AutomaticMigration
{
    /// <summary>Why not, as one sentence with what to do; null when it may run.</summary>
    public static string? Refusal(MigrationState state) => state switch
    {
        { IsAlembics: true } => "Alembic manages this database; `deepsight migrate adopt-alembic` takes it over.",
        { IsKnown: false } => "It was never migrated by us; one `deepsight migrate up` (or stamp) makes it ours.",
        { Hold: { } hold } => $"It is held since {hold}; `deepsight migrate up` lifts that.",
        { HasDrift: true } => $"Its journal and the files disagree: {string.Join("; ", state.Drift)}.",
        { Graph.Heads.Count: > 1 } => $"The files have several heads ({state.HeadRevision}); `deepsight migrate merge heads` joins them.",
        _ => null,
    };

    /// <exception cref="DeepSightException">It may not run (<see cref="FailureKind.Refused"/>).</exception>
    internal static void ThrowIfRefused(MigrationState state)
    {
        if (Refusal(state) is { } why)
            throw new DeepSightException(FailureKind.Refused, $"Pending migrations are not applied by themselves. {why}", "`deepsight migrate current` shows where the database stands.");
    }
}
