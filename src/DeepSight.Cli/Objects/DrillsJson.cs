namespace DeepSight.Cli.Objects;

/// <summary><c>verify</c>: a <see cref="Core.Verification.DrillResult"/>, a <see cref="FileCheckJson"/> or a <see cref="FailedDrillJson"/> a backup.</summary>
internal sealed record DrillsJson(IReadOnlyList<object> Drills);
