namespace DeepSight.Core.Migrations.Autogenerate;

/// <summary>Sorts changes so that each comes after those it needs.</summary>
internal static class ChangeOrder
{
    /// <param name="circle">Changes that wait for each other; empty when there are none.</param>
    public static List<SchemaChange> Sort(IReadOnlyList<SchemaChange> changes, out IReadOnlyList<SchemaChange> circle)
    {
        var waits = new Dictionary<SchemaChange, HashSet<SchemaChange>>();
        foreach (var change in changes)
        {
            var step = change.Step;
            if (!waits.TryGetValue(step, out var earlier)) waits[step] = earlier = [];
            earlier.UnionWith(change.Earlier.Select(other => other.Step).Where(other => other != step));
        }

        var followers = waits.SelectMany(pair => pair.Value.Select(earlier => (earlier, pair.Key))).ToLookup(pair => pair.earlier, pair => pair.Key);
        var counts = waits.ToDictionary(pair => pair.Key, pair => pair.Value.Count);
        var ready = new PriorityQueue<SchemaChange, (int, int, int)>(counts.Where(pair => pair.Value == 0).Select(pair => (pair.Key, pair.Key.Position)));
        var sorted = new List<SchemaChange>();
        while (ready.TryDequeue(out var next, out _))
        {
            sorted.Add(next);
            foreach (var follower in followers[next])
                if (--counts[follower] == 0)
                    ready.Enqueue(follower, follower.Position);
        }

        circle = sorted.Count == waits.Count ? [] : Circle(changes, waits, [.. sorted]);
        foreach (var (step, needs) in waits) step.Needs = needs;
        return sorted;
    }

    /// <summary>Going back from any step that waits, one that was met before closes the circle.</summary>
    private static List<SchemaChange> Circle(IReadOnlyList<SchemaChange> changes, Dictionary<SchemaChange, HashSet<SchemaChange>> waits, HashSet<SchemaChange> sorted)
    {
        var path = new List<SchemaChange>();
        var at = waits.Keys.First(step => !sorted.Contains(step));
        while (!path.Contains(at))
        {
            path.Add(at);
            at = waits[at].First(earlier => !sorted.Contains(earlier));
        }

        var steps = path[path.IndexOf(at)..].ToHashSet();
        // With their parts, of which one may be the reason.
        return [.. changes.Where(change => steps.Contains(change.Step) && (change.JoinedTo is null || change.Earlier.Any(earlier => earlier.Step != change.Step && steps.Contains(earlier.Step))
            || changes.Any(other => steps.Contains(other.Step) && other.Step != change.Step && other.Earlier.Contains(change))))];
    }
}
