namespace DeepSight.Core.Migrations.Graph;

/// <summary>What <c>up</c> runs, by Alembic's rules for <c>alembic upgrade</c>.</summary>
internal sealed class UpgradePlanner(RevisionGraph graph)
{
    private readonly RevisionNames names = new(graph);

    /// <summary>The revisions to apply, first first; empty when all that the target needs is applied.</summary>
    /// <param name="applied">What is applied now.</param>
    /// <param name="target"><c>heads</c>, <c>head</c>, a revision, <c>+1</c>, <c>label@head</c>, <c>abcd-1</c>…</param>
    /// <exception cref="DeepSightException">The target is unknown, ambiguous or out of reach.</exception>
    public IReadOnlyList<Revision> Plan(IReadOnlyCollection<Revision> applied, string target)
    {
        var targets = Targets(applied, target);
        RefuseOverlap(targets, target);

        var missing = graph.Needs(targets);
        missing.ExceptWith(applied);
        return [.. RunOrder.Downwards(graph, missing, graph.Tips(missing)).Reverse()];
    }

    public IReadOnlyList<Revision> Targets(IReadOnlyCollection<Revision> applied, string target) => RelativeTarget.TryParse(target) switch
    {
        // A revision of that very name wins over arithmetic.
        { } when graph.Find(target) is { } exact => [exact],
        { } relative => [Relative(applied, relative)],
        null => names.Resolve(target),
    };

    private Revision Relative(IReadOnlyCollection<Revision> applied, RelativeTarget target)
    {
        var walk = new RevisionWalk(graph, names);
        if (target.Steps > 0)
        {
            var start = target.Start is null ? Standing(applied, target) : names.ResolveOne(target.Start);
            return walk.Up(start, target.Steps, target.Branch) ?? throw target.TooFar();
        }

        if (target.Start is null) throw target.TooFar();
        var from = names.ResolveOne(target.Branch is null ? target.Start : $"{target.Branch}@{target.Start}");
        return walk.Down(from, -target.Steps).Revision ?? throw target.TooFar();
    }

    /// <summary>Where the database stands (null: at the base), on the target's branch if it names one.</summary>
    private Revision? Standing(IReadOnlyCollection<Revision> applied, RelativeTarget target)
    {
        var tips = graph.Tips(applied);
        if (target.Branch is not null)
        {
            var onBranch = names.OnBranch(tips, target.Branch);

            // The branch may have been left behind by another that builds on it: its own tip is then further down.
            tips = onBranch.Count > 0 ? onBranch : graph.Tips(names.OnBranch(applied, target.Branch));
        }

        return tips switch
        {
            [] => null,
            [var one] => one,
            _ => throw new DeepSightException(FailureKind.InvalidInput,
                $"Ambiguous upgrade from multiple current revisions: {string.Join(", ", tips.Select(tip => tip.Id))}.",
                "name the revision, or the branch as in 'label@+1'."),
        };
    }

    private void RefuseOverlap(IReadOnlyList<Revision> targets, string target)
    {
        foreach (var one in targets)
            if (targets.FirstOrDefault(other => other != one && graph.Needs([one]).Contains(other)) is { } other)
                throw new DeepSightException(FailureKind.InvalidInput,
                    $"Requested revision {one.Id} overlaps with other requested revisions {other.Id} for '{target}'.", $"upgrade to {one.Id}: it needs {other.Id}.");
    }
}
