namespace DeepSight.Cli.Objects;

/// <summary><c>verify</c>: a <see cref="Core.Catalog.DrillResult"/>, a <see cref="FileCheckJson"/> or a <see cref="FailedDrillJson"/> a backup.</summary>
internal sealed record DrillsJson(IReadOnlyList<object> Drills);
