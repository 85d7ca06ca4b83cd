namespace DeepSight.Core.Migrations.Graph;

/// <summary>Ancestors and descendants. Every set includes the revisions it starts from.</summary>
internal static class Lineage
{
    /// <summary>Everything that must be applied for these to be.</summary>
    public static HashSet<Revision> Needs(this RevisionGraph graph, IEnumerable<Revision> revisions) => Reach(revisions, graph.Needed);

    /// <summary>Everything that can't stay applied without these.</summary>
    public static HashSet<Revision> Dependents(this RevisionGraph graph, IEnumerable<Revision> revisions) => Reach(revisions, graph.NeededBy);

    /// <summary>Everything these follow, near and far, dependencies left aside.</summary>
    public static HashSet<Revision> Ancestors(this RevisionGraph graph, IEnumerable<Revision> revisions) => Reach(revisions, graph.Followed);

    /// <summary>Everything that follows these, near and far, dependents left aside.</summary>
    public static HashSet<Revision> Descendants(this RevisionGraph graph, IEnumerable<Revision> revisions) => Reach(revisions, graph.Followers);

    /// <summary>Whether one of the two follows the other, near or far: what Alembic calls being on its branch.</summary>
    public static bool SharesLineage(this RevisionGraph graph, Revision one, Revision other) =>
        graph.Ancestors([one]).Contains(other) || graph.Ancestors([other]).Contains(one);

    /// <summary>Those that no other of them needs: where a database with exactly these applied stands.</summary>
    public static IReadOnlyList<Revision> Tips(this RevisionGraph graph, IReadOnlyCollection<Revision> applied) =>
        [.. graph.InOrder(applied.Where(revision => !graph.NeededBy(revision).Any(applied.Contains)))];

    private static HashSet<Revision> Reach(IEnumerable<Revision> from, Func<Revision, IEnumerable<Revision>> step)
    {
        var reached = new HashSet<Revision>();
        var todo = new Stack<Revision>(from);
        while (todo.TryPop(out var revision))
            if (reached.Add(revision))
                foreach (var next in step(revision))
                    todo.Push(next);

        return reached;
    }
}
