namespace DeepSight.Core.Migrations.Graph;

/// <summary>One step of the schema's history: a file of <c>up/</c>, with its place in the graph.</summary>
public sealed class Revision
{
    /// <summary>By the header <c>-- revision:</c>, else the file's name without its ending.</summary>
    public required string Id { get; init; }

    /// <summary>Path below <c>up/</c>, with <c>/</c> between folders; the file below <c>down/</c> has the same.</summary>
    public required string File { get; init; }

    /// <summary>The revisions that this one follows; none for a root, several for a merge.</summary>
    public IReadOnlyList<string> DownRevisions { get; init; } = [];

    /// <summary>Revisions (or their labels) that must be applied first though this one doesn't follow them.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Names that stand for this revision and, as <c>label@head</c>, for its branch.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    public string Message { get; init; } = "";

    /// <summary>Why it can't be undone, from <c>-- irreversible: why</c>; null when it can.</summary>
    public string? Irreversible { get; init; }

    /// <summary>False with <c>-- transaction: off</c>: its one statement runs on its own, as CONCURRENTLY demands.</summary>
    public bool InTransaction { get; init; } = true;

    /// <summary>What it does beside changing the schema, from <c>-- hazards: deletes-data column public.users.email</c>.</summary>
    public IReadOnlyList<string> Hazards { get; init; } = [];

    /// <summary>Those of <see cref="Hazards"/> that no way down brings back.</summary>
    public IEnumerable<string> Losses => Hazards.Where(hazard => hazard.StartsWith("deletes-data", StringComparison.Ordinal));

    public bool IsMerge => DownRevisions.Count > 1;

    public override string ToString() => Message.Length == 0 ? Id : $"{Id} ({Message})";
}
