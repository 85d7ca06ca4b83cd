using DeepSight.Core.Catalog;

namespace DeepSight.Core.Retention;

/// <summary>Whether one backup stays, and why.</summary>
/// <param name="Keep">Some rule names it.</param>
/// <param name="Reasons">For people; at least one. Of a kept one every rule that names it.</param>
public sealed record RetentionDecision(BackupEntry Backup, bool Keep, IReadOnlyList<string> Reasons);
