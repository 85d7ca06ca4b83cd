namespace DeepSight.Core.Migrations.Graph;

/// <summary>The revisions that <c>history -r from:to</c> lists, latest first; either side may be left out, or be <c>current</c>.</summary>
public sealed class HistoryRange(RevisionGraph graph)
{
    private readonly RevisionNames names = new(graph);

    /// <param name="applied">For <c>current</c> and targets relative to it.</param>
    /// <param name="range"><c>a:b</c>, <c>a:</c>, <c>:b</c>, <c>-3:current</c>; null for all.</param>
    public IReadOnlyList<Revision> List(IReadOnlyCollection<Revision> applied, string? range)
    {
        if (range is null) return RunOrder.Downwards(graph, [.. graph.Revisions], graph.Tips(graph.Revisions));
        if (range.Split(':') is not [var from, var to])
            throw new DeepSightException(FailureKind.InvalidInput, $"History range '{range}' is not understood.", "write from:to, from: or :to.");

        var tips = graph.Tips(applied);
        var upper = to switch { "" => graph.IndependentHeads, "current" => tips, _ => To(to, from, applied) };
        var lower = from switch { "" or "base" => [], "current" => tips, _ => From(from, upper) };

        var within = graph.Needs(upper);
        if (lower.FirstOrDefault(revision => !within.Contains(revision)) is { } outside)
            throw new DeepSightException(FailureKind.InvalidInput,
                $"Requested range {range} does not refer to ancestor/descendant revisions along the same branch: {outside.Id} does not lead to {to}.");

        if (lower.Count > 0)
        {
            within.ExceptWith(graph.Needs(lower));
            within.IntersectWith(graph.Descendants(lower));
            within.UnionWith(lower);
        }

        return RunOrder.Downwards(graph, within, graph.Tips(within));
    }

    private IReadOnlyList<Revision> To(string to, string from, IReadOnlyCollection<Revision> applied) =>
        // `abcd:+2` counts from the other side of the range.
        RelativeTarget.TryParse(to) is { Start: null, Steps: > 0 } up && from is not ("" or "base" or "current")
            ? [new RevisionWalk(graph, names).Up(names.ResolveOne(from), up.Steps, up.Branch) ?? throw up.TooFar()]
            : new UpgradePlanner(graph).Targets(applied, to);

    private IReadOnlyList<Revision> From(string from, IReadOnlyList<Revision> upper)
    {
        if (RelativeTarget.TryParse(from) is not { Steps: < 0 } relative) return names.Resolve(from);

        var start = relative.Start is not null ? names.ResolveOne(relative.Start)
            : upper is [var one] ? one
            : throw new DeepSightException(FailureKind.InvalidInput, $"'{from}' is ambiguous: the range ends at {upper.Count} revisions.", "name one of them after the colon.");
        // History is for reading: a count beyond the beginning shows all there is.
        return new RevisionWalk(graph, names).Down(start, -relative.Steps).Revision is { } revision ? [revision] : [];
    }
}
