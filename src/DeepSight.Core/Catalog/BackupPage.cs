namespace DeepSight.Core.Catalog;

/// <summary>What <c>list --json</c> prints and <c>GET backups</c> answers.</summary>
/// <param name="Backups">Newest first.</param>
/// <param name="Total">How many there are, shown or not.</param>
/// <param name="Failures">A line for each store that could not be asked.</param>
public sealed record BackupPage(IReadOnlyList<BackupDetails> Backups, int Total, IReadOnlyList<string> Failures);
