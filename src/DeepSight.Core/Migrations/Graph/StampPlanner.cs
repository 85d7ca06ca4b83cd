namespace DeepSight.Core.Migrations.Graph;

/// <summary>What counts as applied after <c>stamp</c>, by Alembic's rules: branches that the target has no part in stay as they are.</summary>
internal sealed class StampPlanner(RevisionGraph graph)
{
    private readonly RevisionNames names = new(graph);

    /// <param name="applied">What is applied now.</param>
    /// <param name="targets"><c>heads</c>, <c>base</c>, <c>label@base</c>, revisions.</param>
    /// <exception cref="DeepSightException">A target is unknown or ambiguous.</exception>
    public IReadOnlyCollection<Revision> Plan(IReadOnlyCollection<Revision> applied, IReadOnlyList<string> targets)
    {
        var destinations = targets.SelectMany(Destinations).Distinct().ToList();
        var stays = graph.Tips(applied).Where(tip => !targets.Any(target => Concerns(target, tip)));
        return graph.Needs(stays.Concat(destinations));
    }

    // Alembic doesn't understand relative targets here either; counting from what is being corrected would surprise.
    private IReadOnlyList<Revision> Destinations(string target) => graph.Find(target) is null && RelativeTarget.TryParse(target) is not null
        ? throw new DeepSightException(FailureKind.InvalidInput, $"'{target}' is not a target of stamp.", "name the revision, 'heads' or 'base'.")
        : names.Resolve(target);

    /// <summary>Whether the stamp replaces this tip: it leads to the target, or comes from it, dependencies included.</summary>
    private bool Concerns(string target, Revision tip)
    {
        var (branch, name) = RevisionNames.SplitBranch(target);
        if (name == "base") return branch is null || Related(names.Branch(branch), tip);

        return Destinations(target).Any(destination => Related(destination, tip));
    }

    private bool Related(Revision one, Revision other) => graph.Needs([one]).Contains(other) || graph.Needs([other]).Contains(one);
}
