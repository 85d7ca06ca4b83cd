namespace DeepSight.Core.Backup;

/// <summary>How far a running dump is.</summary>
/// <param name="SqlBytes">Read from pg_dump so far.</param>
/// <param name="StoredBytes">Written to the store so far.</param>
/// <param name="ExpectedSqlBytes">What the previous backup of this database came to, or null.</param>
/// <param name="Table">The table at hand, or null between tables.</param>
public readonly record struct BackupProgress(long SqlBytes, long StoredBytes, long? ExpectedSqlBytes, string? Table);
