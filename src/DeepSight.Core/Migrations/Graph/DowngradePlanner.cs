namespace DeepSight.Core.Migrations.Graph;

/// <summary>What <c>down</c> undoes, by Alembic's rules for <c>alembic downgrade</c>.</summary>
internal sealed class DowngradePlanner(RevisionGraph graph)
{
    private readonly RevisionNames names = new(graph);

    /// <summary>The revisions to undo, first first: all that follow the target, and all that need one of those.</summary>
    /// <param name="applied">What is applied now.</param>
    /// <param name="target"><c>base</c>, a revision (which stays), <c>-1</c>, <c>label@-1</c>, <c>label@base</c>, <c>abcd-1</c>…</param>
    /// <exception cref="DeepSightException">The target is unknown, ambiguous, out of reach or not applied.</exception>
    public IReadOnlyList<Revision> Plan(IReadOnlyCollection<Revision> applied, string target)
    {
        var tips = graph.Tips(applied);
        var (branch, stays) = Target(applied, tips, target);

        var undone = graph.Dependents(First(branch, stays));
        undone.IntersectWith(applied);
        if (stays is not null && undone.Count == 0 && !tips.Contains(stays))
            throw new DeepSightException(FailureKind.InvalidInput,
                $"Destination {target} is not a valid downgrade target from current head(s) {Text(tips)}.", "`deepsight migrate current` shows what is applied.");

        return RunOrder.Downwards(graph, undone, tips);
    }

    /// <summary>The revisions directly after the one that stays, or the roots; of several, those of the branch.</summary>
    private IReadOnlyList<Revision> First(string? branch, Revision? stays)
    {
        var first = stays is null ? graph.Roots : [.. graph.Followers(stays)];
        if (branch is null || first.Count < 2) return first;

        var ancestors = graph.Ancestors([names.Branch(branch)]);
        return first.Where(ancestors.Contains).ToList() is { Count: > 0 } onBranch
            ? onBranch
            : throw new DeepSightException(FailureKind.InvalidInput,
                $"Not a valid downgrade target from current heads: '{branch}' does not follow {stays?.Id ?? "the base"}.", "`deepsight migrate branches` shows which is on which.");
    }

    private (string? Branch, Revision? Stays) Target(IReadOnlyCollection<Revision> applied, IReadOnlyList<Revision> tips, string target)
    {
        if (graph.Find(target) is not null || RelativeTarget.TryParse(target) is not { } relative)
        {
            var (branch, name) = RevisionNames.SplitBranch(target);
            return (branch, names.ResolveOne(name));
        }

        if (relative.Steps >= 0)
        {
            if (relative.Start is null) throw relative.TooFar();
            var up = new RevisionWalk(graph, names).Up(names.ResolveOne(relative.Start), relative.Steps, relative.Branch);
            return up is null && relative.Steps > 0 ? throw relative.TooFar() : (relative.Branch, up);
        }

        var (within, start) = relative.Start is null
            ? Standing(applied, tips, relative)
            : (relative.Branch, names.ResolveOne(relative.Branch is null ? relative.Start : $"{relative.Branch}@{relative.Start}"));
        var (stays, reached) = new RevisionWalk(graph, names).Down(start, -relative.Steps,
            (merge, parent) => $"name the revision that stays: `down {parent.Id}` takes off {merge.Id} and what follows it, and no more.");
        return reached ? (within, stays) : throw relative.TooFar();
    }

    private (string Branch, Revision Start) Standing(IReadOnlyCollection<Revision> applied, IReadOnlyList<Revision> tips, RelativeTarget target)
    {
        if (target.Branch is not null)
        {
            var onBranch = names.OnBranch(tips, target.Branch);

            // The branch may have been left behind by another that builds on it: its own tip is then further down.
            if (onBranch.Count == 0) onBranch = names.OnBranch(BranchTips(applied), target.Branch);
            return onBranch switch
            {
                [var one] => (target.Branch, one),
                [] => throw target.TooFar(),
                _ => throw Ambiguous(target, onBranch),
            };
        }

        return tips switch
        {
            [] => throw target.TooFar(),

            // What is undone then is only what leads to this revision.
            [var one] => (one.Id, one),

            // Alembic takes whichever row comes first and announces that it will refuse: so do we, today.
            _ => throw Ambiguous(target, tips),
        };
    }

    /// <summary>Those that none of the others follows; that something else needs them does not count here.</summary>
    private IReadOnlyList<Revision> BranchTips(IReadOnlyCollection<Revision> applied) =>
        [.. applied.Where(revision => !graph.Descendants([revision]).Any(other => other != revision && applied.Contains(other)))];

    private static DeepSightException Ambiguous(RelativeTarget target, IReadOnlyList<Revision> tips) => new(FailureKind.InvalidInput,
        $"Downgrade {target.Written} from multiple heads is ambiguous: {Text(tips)}.", $"name the branch, as in '{tips[0].Id}@{target.Written}'.");

    private static string Text(IReadOnlyList<Revision> revisions) =>
        revisions.Count == 0 ? "(none)" : string.Join(", ", revisions.Select(revision => revision.Id));
}
