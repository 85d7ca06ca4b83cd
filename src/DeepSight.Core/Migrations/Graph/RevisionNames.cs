namespace DeepSight.Core.Migrations.Graph;

/// <summary>Finds the revision or revisions that a name stands for, by Alembic's rules.</summary>
internal sealed class RevisionNames(RevisionGraph graph)
{
    /// <summary>
    /// What an absolute target stands for: <c>head</c> (there must be only one), <c>heads</c>, <c>base</c> (none), a revision,
    /// a unique beginning of one, a label; each also behind <c>branch@</c>.
    /// </summary>
    public IReadOnlyList<Revision> Resolve(string target)
    {
        var (branch, name) = SplitBranch(target);
        return name switch
        {
            "base" => [],
            "heads" => branch is null ? graph.IndependentHeads : OnBranch(graph.Heads, branch),
            "head" => OnlyHead(branch is null ? graph.Heads : OnBranch(graph.Heads, branch), target),
            _ => [Find(name, branch)],
        };
    }

    /// <summary>As <see cref="Resolve"/>, for places where there is room for one revision; null is the base.</summary>
    public Revision? ResolveOne(string target) => Resolve(target) switch
    {
        [] => null,
        [var one] => one,
        var several => throw MultipleHeads(several, target),
    };

    /// <summary>The revision that <c>branch@</c> names: a label's, or simply a revision.</summary>
    public Revision Branch(string branch) => graph.ByLabel.GetValueOrDefault(branch) ?? Find(branch, null);

    /// <summary>Those that follow the branch's revision or that it follows.</summary>
    public IReadOnlyList<Revision> OnBranch(IEnumerable<Revision> revisions, string branch)
    {
        var of = Branch(branch);
        return [.. revisions.Where(revision => graph.SharesLineage(revision, of))];
    }

    public static (string? Branch, string Name) SplitBranch(string target) =>
        target.IndexOf('@', StringComparison.Ordinal) is var at and >= 0 ? (target[..at], target[(at + 1)..]) : (null, target);

    private Revision Find(string name, string? branch)
    {
        var revision = graph.Find(name) ?? graph.ByLabel.GetValueOrDefault(name) ?? ByFile(name) ?? ByPrefix(name, branch);
        return branch is null || graph.SharesLineage(revision, Branch(branch))
            ? revision
            : throw Unknown($"Revision {revision.Id} is not a member of branch '{branch}'.", "`deepsight migrate branches` shows which is on which.");
    }

    // RoundhousE's and grate's users know a script by its file's name.
    private Revision? ByFile(string name) => graph.Revisions.FirstOrDefault(revision =>
        revision.File == name || Path.GetFileName(revision.File) == name || Path.GetFileNameWithoutExtension(revision.File) == name);

    /// <summary>
    /// A beginning that only one name has. As in Alembic, names of up to three characters must be given whole, and a branch narrows the choice.
    /// </summary>
    private Revision ByPrefix(string prefix, string? branch)
    {
        if (prefix.Length == 0) throw Unknown("A target is empty.", "name a revision, 'head', 'heads' or 'base'.");

        var names = graph.Revisions.Select(revision => (Name: revision.Id, Revision: revision))
            .Concat(graph.ByLabel.Select(pair => (Name: pair.Key, Revision: pair.Value)))
            .Where(named => named.Name.Length > 3 && named.Name.StartsWith(prefix, StringComparison.Ordinal));
        if (branch is not null) names = names.Where(named => graph.SharesLineage(named.Revision, Branch(branch)));

        return names.ToList() switch
        {
            [var one] => one.Revision,
            [] => throw Unknown($"No such revision or branch '{prefix}'.", prefix.Length < 4
                ? "give at least four characters of a revision, or all of a shorter one; `deepsight migrate history` lists them."
                : "`deepsight migrate history` lists the revisions."),
            var several => throw Unknown(
                $"Multiple revisions start with '{prefix}': {string.Join(", ", several.Take(3).Select(named => $"{named.Name} (up/{named.Revision.File})"))}.",
                "give more of it."),
        };
    }

    private static IReadOnlyList<Revision> OnlyHead(IReadOnlyList<Revision> heads, string target) =>
        heads.Count < 2 ? heads : throw MultipleHeads(heads, target);

    private static DeepSightException MultipleHeads(IReadOnlyList<Revision> heads, string target) => new(FailureKind.InvalidInput,
        $"Multiple heads are present for '{target}': {string.Join(", ", heads.Select(head => $"{head.Id} (up/{head.File})"))}.",
        $"name one of them, '<branch>@{RevisionNames.SplitBranch(target).Name}' for one branch, or use 'heads' for all; `deepsight migrate merge heads` joins them.");

    private static DeepSightException Unknown(string message, string hint) => new(FailureKind.InvalidInput, message, hint);
}
