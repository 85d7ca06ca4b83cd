using DeepSight.Cli.Migrate;

namespace DeepSight.Cli.Objects;

/// <summary>The verbs of <c>migrate</c> that list revisions.</summary>
internal sealed record RevisionsJson(IReadOnlyList<RevisionRow> Revisions);
