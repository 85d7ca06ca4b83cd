namespace DeepSight.Cli.Objects;

/// <summary>A backup that did not pass, among several.</summary>
internal sealed record FailedDrillJson(string Name, string Error, string? Hint);
