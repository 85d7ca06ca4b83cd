namespace DeepSight.Cli.Objects;

/// <summary>What any command prints that failed.</summary>
internal sealed record ErrorJson(string Error, string? Hint, int ExitCode);
