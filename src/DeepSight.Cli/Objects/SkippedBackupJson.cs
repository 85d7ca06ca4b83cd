namespace DeepSight.Cli.Objects;

/// <summary><c>backup --if-older-than</c> where one is young enough.</summary>
internal sealed record SkippedBackupJson(bool Skipped, string Name);
