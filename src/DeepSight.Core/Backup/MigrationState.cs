namespace DeepSight.Core.Backup;

/// <summary>The schema's place in its history when the backup was taken; several heads are joined with a comma.</summary>
public sealed record MigrationState(string? CurrentRevision, string? HeadRevision);
