namespace DeepSight.Core.Migrations.Authoring;

/// <summary>The two files of a new revision.</summary>
/// <param name="Up">Full path.</param>
/// <param name="Down">Full path.</param>
public sealed record WrittenRevision(string Id, IReadOnlyList<string> DownRevisions, string Up, string Down);
