namespace DeepSight.Core.Migrations.Graph;

/// <summary>
/// The revisions of <c>up/</c> and how they follow each other. Two relations are kept apart, as Alembic does: a revision
/// <em>follows</em> its down revisions, and it <em>needs</em> those and what it depends on. Heads, branches and walks go by
/// the first; what must run before what goes by the second.
/// </summary>
public sealed class RevisionGraph
{
    private readonly Dictionary<string, Revision> byId;
    private readonly Dictionary<string, int> order;
    private readonly Dictionary<Revision, Revision[]> dependencies;
    private readonly ILookup<Revision, Revision> followers;
    private readonly ILookup<Revision, Revision> dependents;

    private RevisionGraph(IReadOnlyList<Revision> revisions, IReadOnlyDictionary<string, Revision> byLabel)
    {
        Revisions = revisions;
        ByLabel = byLabel;
        byId = revisions.ToDictionary(revision => revision.Id, StringComparer.Ordinal);
        order = revisions.Select((revision, at) => (revision.Id, at)).ToDictionary(pair => pair.Id, pair => pair.at, StringComparer.Ordinal);
        dependencies = revisions.ToDictionary(revision => revision, revision => revision.DependsOn.Select(Named).Distinct().ToArray());
        followers = Inverse(Followed);
        dependents = Inverse(DependedOn);
    }

    /// <summary>In the order of their files, which is also the order of siblings wherever one is needed.</summary>
    public IReadOnlyList<Revision> Revisions { get; }

    /// <summary>Followed by nobody: Alembic's <c>head</c>.</summary>
    public IReadOnlyList<Revision> Heads => [.. Revisions.Where(revision => !followers[revision].Any())];

    /// <summary>Neither followed nor depended on: Alembic's <c>heads</c> as a target.</summary>
    public IReadOnlyList<Revision> IndependentHeads => [.. Heads.Where(revision => !dependents[revision].Any())];

    public IReadOnlyList<Revision> Roots => [.. Revisions.Where(revision => revision.DownRevisions.Count == 0)];

    public IReadOnlyList<Revision> BranchPoints => [.. Revisions.Where(revision => followers[revision].Skip(1).Any())];

    internal IReadOnlyDictionary<string, Revision> ByLabel { get; }

    /// <summary>Checks the revisions and links them.</summary>
    /// <exception cref="DeepSightException">Duplicates, missing parents, labels used twice or cycles: all of them, by file.</exception>
    public static RevisionGraph Build(IReadOnlyList<Revision> revisions) => new(revisions, GraphChecks.LabelsOf(revisions));

    public Revision? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>What an absolute target stands for: <c>head</c>, <c>heads</c>, <c>base</c> (none), a revision or its beginning, <c>branch@head</c>.</summary>
    /// <exception cref="DeepSightException">It is unknown or ambiguous.</exception>
    public IReadOnlyList<Revision> Resolve(string target) => new RevisionNames(this).Resolve(target);

    /// <summary>The revisions that this one follows, in the order of its header.</summary>
    public IReadOnlyList<Revision> Followed(Revision revision) => [.. revision.DownRevisions.Select(id => byId[id])];

    /// <summary>The revisions that it depends on beside those it follows.</summary>
    public IReadOnlyList<Revision> DependedOn(Revision revision) => dependencies[revision];

    /// <summary>The revisions that follow this one.</summary>
    public IEnumerable<Revision> Followers(Revision revision) => followers[revision];

    /// <summary>What must be applied directly before it.</summary>
    internal IEnumerable<Revision> Needed(Revision revision) => Followed(revision).Concat(DependedOn(revision)).Distinct();

    /// <summary>What can't stay applied without it.</summary>
    internal IEnumerable<Revision> NeededBy(Revision revision) => followers[revision].Concat(dependents[revision]).Distinct();

    internal IEnumerable<Revision> InOrder(IEnumerable<Revision> revisions) => revisions.OrderBy(revision => order[revision.Id]);

    private Revision Named(string idOrLabel) => byId.GetValueOrDefault(idOrLabel) ?? ByLabel[idOrLabel];

    private ILookup<Revision, Revision> Inverse(Func<Revision, IReadOnlyList<Revision>> relation) => Revisions
        .SelectMany(revision => relation(revision).Distinct().Select(other => (other, revision)))
        .ToLookup(pair => pair.other, pair => pair.revision);
}
