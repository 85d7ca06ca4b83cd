using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Tests.Migrations.Graph;

/// <summary>Graphs written on one line: <c>a; b &lt; a; c &lt; a #label; m &lt; b c; d &lt; m ~ x</c> (follows, label, depends on).</summary>
internal static class Graphs
{
    public static RevisionGraph Of(string text) => RevisionGraph.Build(Revisions(text));

    public static List<Revision> Revisions(string text) => [.. text.Split(';', StringSplitOptions.TrimEntries).Select((line, at) =>
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        List<string> down = [], needs = [], labels = [];
        var into = down;
        foreach (var word in words.Skip(1))
        {
            if (word == "<") into = down;
            else if (word == "~") into = needs;
            else if (word[0] == '#') labels.Add(word[1..]);
            else into.Add(word);
        }

        return new Revision { Id = words[0], File = $"{at:000}_{words[0]}.sql", DownRevisions = down, DependsOn = needs, Labels = labels };
    })];

    public static HashSet<Revision> Applied(this RevisionGraph graph, string ids) =>
        graph.Needs(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => graph.Find(id)!));

    public static string Up(this RevisionGraph graph, string standing, string target) =>
        Text(new UpgradePlanner(graph).Plan(graph.Applied(standing), target));

    public static string Down(this RevisionGraph graph, string standing, string target) =>
        Text(new DowngradePlanner(graph).Plan(graph.Applied(standing), target));

    /// <summary>Where the database stands after the stamp.</summary>
    public static string Stamp(this RevisionGraph graph, string standing, params string[] targets) =>
        Text(graph.Tips(new StampPlanner(graph).Plan(graph.Applied(standing), targets)));

    public static string Text(IEnumerable<Revision> revisions) => string.Join(' ', revisions.Select(revision => revision.Id));
}
