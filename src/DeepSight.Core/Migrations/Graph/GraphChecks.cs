using System.Text.RegularExpressions;

namespace DeepSight.Core.Migrations.Graph;

/// <summary>What makes a set of revisions no graph. Every message names the files, since that is where it is mended.</summary>
internal static partial class GraphChecks
{
    private static readonly string[] Reserved = ["head", "heads", "base", "current"];

    /// <returns>The revision of each label.</returns>
    /// <exception cref="DeepSightException">Anything is wrong; the message lists it all.</exception>
    public static IReadOnlyDictionary<string, Revision> LabelsOf(IReadOnlyList<Revision> revisions)
    {
        var labels = new Dictionary<string, Revision>(StringComparer.Ordinal);
        ThrowIfAny([.. Names(revisions), .. Labels(revisions, labels)]);
        ThrowIfAny([.. MissingParents(revisions, labels)]);
        ThrowIfAny([.. Cycle(revisions, labels)]);
        return labels;
    }

    private static IEnumerable<string> Names(IReadOnlyList<Revision> revisions)
    {
        foreach (var revision in revisions)
            if (!Legal().IsMatch(revision.Id) || Reserved.Contains(revision.Id))
                yield return $"up/{revision.File}: '{revision.Id}' can't name a revision: letters, digits, dots and underscores can, and it may not be one of {string.Join(", ", Reserved)}";

        foreach (var same in revisions.GroupBy(revision => revision.Id, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
            yield return $"revision '{same.Key}' is in more than one file: {string.Join(", ", same.Select(revision => "up/" + revision.File))}";
    }

    private static IEnumerable<string> Labels(IReadOnlyList<Revision> revisions, Dictionary<string, Revision> labels)
    {
        foreach (var revision in revisions)
            foreach (var label in revision.Labels)
                if (!LegalLabel().IsMatch(label) || Reserved.Contains(label))
                    yield return $"up/{revision.File}: '{label}' can't be a branch label";
                else if (revisions.FirstOrDefault(other => other.Id == label) is { } named)
                    yield return $"up/{revision.File}: the branch label '{label}' is the name of the revision in up/{named.File}";
                else if (!labels.TryAdd(label, revision))
                    yield return $"the branch label '{label}' is used twice: up/{labels[label].File}, up/{revision.File}";
    }

    private static IEnumerable<string> MissingParents(IReadOnlyList<Revision> revisions, Dictionary<string, Revision> labels)
    {
        var ids = revisions.Select(revision => revision.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var revision in revisions)
        {
            foreach (var parent in revision.DownRevisions.Where(parent => !ids.Contains(parent)))
                yield return $"up/{revision.File}: its down_revision '{parent}' is in no file";
            foreach (var parent in revision.DependsOn.Where(parent => !ids.Contains(parent) && !labels.ContainsKey(parent)))
                yield return $"up/{revision.File}: it depends on '{parent}', which is in no file";
        }
    }

    /// <summary>One cycle, spelled out; others come to light once it is mended.</summary>
    private static IEnumerable<string> Cycle(IReadOnlyList<Revision> revisions, Dictionary<string, Revision> labels)
    {
        var byId = revisions.ToDictionary(revision => revision.Id, StringComparer.Ordinal);
        var needed = revisions.ToDictionary(revision => revision, revision => (IEnumerable<Revision>)
            [.. revision.DownRevisions.Select(id => byId[id]), .. revision.DependsOn.Select(name => byId.GetValueOrDefault(name) ?? labels[name])]);

        // Take away what needs nothing that is left; a cycle is what can't be taken away.
        var left = revisions.ToHashSet();
        while (left.RemoveWhere(revision => !needed[revision].Any(left.Contains)) > 0) { }
        if (left.Count == 0) yield break;

        var path = new List<Revision> { left.First() };
        while (needed[path[^1]].First(left.Contains) is var next)
        {
            var seenAt = path.IndexOf(next);
            path.Add(next);
            if (seenAt < 0) continue;

            yield return "these revisions follow each other in a circle: " + string.Join(" → ", path.Skip(seenAt).Select(revision => "up/" + revision.File));
            yield break;
        }
    }

    private static void ThrowIfAny(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
            throw new DeepSightException(FailureKind.InvalidInput,
                "The migrations don't make a history: " + (problems.Count == 1 ? problems[0] + "." : "\n  " + string.Join("\n  ", problems)),
                "mend the headers `-- revision:`, `-- down_revision:`, `-- branch_label:` and `-- depends_on:` of the files named.");
    }

    // Alembic forbids @ - + and : because targets are written with them; commas and blanks separate names in headers.
    [GeneratedRegex(@"\A[\p{L}\p{N}_.]+\z")]
    private static partial Regex Legal();

    [GeneratedRegex(@"\A[\p{L}\p{N}_.][\p{L}\p{N}_.-]*\z")]
    private static partial Regex LegalLabel();
}
