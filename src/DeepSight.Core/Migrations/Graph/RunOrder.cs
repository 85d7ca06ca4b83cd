namespace DeepSight.Core.Migrations.Graph;

/// <summary>The order in which revisions come off, which is the order in which they go on read backwards.</summary>
internal static class RunOrder
{
    /// <summary>
    /// Walks down from the tips and takes each line as far as it goes before the next, as Alembic does, so that neighbours of
    /// one branch stay together; a revision that another line still needs waits for that line.
    /// </summary>
    /// <param name="revisions">What to order.</param>
    /// <param name="tips">Where to begin: the tips of <paramref name="revisions"/>, others are passed over.</param>
    public static IReadOnlyList<Revision> Downwards(RevisionGraph graph, IReadOnlyCollection<Revision> revisions, IEnumerable<Revision> tips)
    {
        var todo = revisions.ToHashSet();
        var needs = new Dictionary<Revision, HashSet<Revision>>();
        var lines = graph.InOrder(tips.Where(todo.Contains).Distinct()).ToList();
        var ordered = new List<Revision>(todo.Count);

        for (var current = 0; lines.Count > 0;)
        {
            var candidate = lines[current];
            var other = lines.FindIndex(line => line != candidate && Needs(line).Contains(candidate));
            if (other >= 0)
            {
                current = other;
                continue;
            }

            if (todo.Remove(candidate)) ordered.Add(candidate);

            var below = Below(graph, candidate).Where(next => todo.Contains(next) && !lines.Contains(next)).ToList();
            if (below.Count == 0)
            {
                lines.RemoveAt(current);
                current = Math.Max(current - 1, 0);
            }
            else
            {
                lines[current] = below[0];
                lines.AddRange(below.Skip(1));
            }
        }

        return ordered;

        HashSet<Revision> Needs(Revision revision) =>
            needs.TryGetValue(revision, out var known) ? known : needs[revision] = graph.Needs([revision]);
    }

    // A dependency that an ancestor has as well is reached through the ancestor.
    private static IEnumerable<Revision> Below(RevisionGraph graph, Revision revision)
    {
        var own = graph.DependedOn(revision);
        if (own.Count == 0) return graph.Followed(revision);

        var inherited = graph.Ancestors([revision]).Where(ancestor => ancestor != revision).SelectMany(graph.DependedOn).ToHashSet();
        return graph.Followed(revision).Concat(own.Where(dependency => !inherited.Contains(dependency))).Distinct();
    }
}
