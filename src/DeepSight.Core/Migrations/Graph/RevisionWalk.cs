namespace DeepSight.Core.Migrations.Graph;

/// <summary>Counts steps along the graph for relative targets. There must never be a choice of ways.</summary>
internal sealed class RevisionWalk(RevisionGraph graph, RevisionNames names)
{
    /// <summary>Up from <paramref name="start"/> (null: the base), only along <paramref name="branch"/> if given.</summary>
    /// <returns>Null when the history ends before.</returns>
    public Revision? Up(Revision? start, int steps, string? branch)
    {
        var at = start;
        for (var i = 0; i < steps; i++)
        {
            var next = at is null ? graph.Roots : [.. graph.Followers(at)];
            if (branch is not null) next = names.OnBranch(next, branch);
            if (next.Count == 0) return null;

            at = Only(next, $"{(at is null ? "the base" : at.Id)} is followed by", "name the revision, or the branch as in 'label@+1'.");
        }

        return at;
    }

    /// <summary>Down from <paramref name="start"/> (null: the base).</summary>
    /// <param name="hint">What to do at a merge, of which one parent is given too.</param>
    /// <returns>The revision (null: the base), and whether the history reached that far.</returns>
    public (Revision? Revision, bool Reached) Down(Revision? start, int steps, Func<Revision, Revision, string>? hint = null)
    {
        hint ??= (_, parent) => $"name the revision itself, as in '{parent.Id}'.";
        var at = start;
        for (var i = 0; i < steps; i++)
        {
            if (at is null) return (null, false);

            var previous = graph.Followed(at);
            at = previous.Count == 0 ? null : Only(previous, $"{at.Id} merges", hint(at, previous[0]));
        }

        return (at, true);
    }

    private static Revision Only(IReadOnlyList<Revision> ways, string what, string hint) => ways.Count == 1
        ? ways[0]
        : throw new DeepSightException(FailureKind.InvalidInput,
            $"Ambiguous walk: {what} {string.Join(", ", ways.Select(way => way.Id))}.", hint);
}
