namespace DeepSight.Core.Migrations.Running;

/// <summary>What a run is doing right now.</summary>
/// <param name="Script">The file, as <c>up/0002_add_users.sql</c>.</param>
/// <param name="Detail">For whom it waits, what it mends; null where there is nothing to say.</param>
public sealed record MigrationStep(StepKind Kind, string Script, string? Detail = null, TimeSpan Elapsed = default);
