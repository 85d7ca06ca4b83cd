using CsCheck;
using DeepSight.Core;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Tests.Migrations.Graph;

/// <summary>Random graphs of 3–12 revisions: every kind of target gives the same sequence, place and refusal as the model.</summary>
public sealed class AlembicDifferentialTests
{
    private static readonly long Graphs = Matrix.IsFull ? 20_000 : 500;

    /// <summary>A graph, what is applied of it, and two of its names to build targets from.</summary>
    private sealed record Case(AlembicModel.Node[] Nodes, HashSet<string> Applied, string One, string Other);

    private static readonly Gen<Case> Cases =
        from size in Gen.Int[3, 12]
        from choices in Gen.Int[0, 999].Array[size * 5]
        from applied in Gen.Int[0, 11].Array[0, 3]
        from one in Gen.Int[0, 99]
        from other in Gen.Int[0, 99]
        select Build(size, choices, applied, one, other);

    [Fact]
    public void Upgrade_runs_what_Alembic_runs_in_its_order() => Cases.Sample(Check(
        (graph, model, given, target) => (
            Try(() => new UpgradePlanner(graph).Plan(Set(graph, given), target).Select(revision => revision.Id)),
            model.Upgrade(given, target))), iter: Graphs);

    [Fact]
    public void Downgrade_undoes_what_Alembic_undoes_in_its_order() => Cases.Sample(Check(
        (graph, model, given, target) => (
            Try(() => new DowngradePlanner(graph).Plan(Set(graph, given), target).Select(revision => revision.Id)),
            model.Downgrade(given, target))), iter: Graphs);

    [Fact]
    public void Stamp_leads_where_Alembics_leads() => Cases.Sample(Check(
        (graph, model, given, target) => (
            Try(() => new StampPlanner(graph).Plan(Set(graph, given), [target]).Select(revision => revision.Id).Order(StringComparer.Ordinal)),
            model.Stamp(given, target)?.Order(StringComparer.Ordinal).ToArray())), iter: Graphs);

    [Fact]
    public void Whatever_the_target_nothing_runs_before_what_it_needs() => Cases.Sample(given =>
    {
        var graph = Graph(given.Nodes);
        foreach (var target in Targets(given))
        {
            var done = Set(graph, given.Applied);
            if (Try(() => new UpgradePlanner(graph).Plan(done, target).Select(revision => revision.Id)) is not { } run) continue;
            foreach (var revision in run.Select(id => graph.Find(id)!))
            {
                Assert.All(graph.Needed(revision), needed => Assert.Contains(needed, done));
                Assert.True(done.Add(revision));
            }
        }
    }, iter: Graphs);

    [Fact]
    public void Tips_of_a_branch_are_those_without_children_on_it_even_if_needed_by_way_of_another()
    {
        // Found by a run over all graphs: c follows b, which needs d by way of x; x is not on c's branch.
        AlembicModel.Node[] nodes =
        [
            new("dddd", [], [], []), new("xxxx", ["dddd"], [], []), new("bbbb", [], ["xxxx"], []), new("yyyy", ["bbbb"], [], []), new("cccc", ["bbbb", "dddd"], [], []),
        ];
        Check((graph, model, given, target) => (
            Try(() => new UpgradePlanner(graph).Plan(Set(graph, given), target).Select(revision => revision.Id)),
            model.Upgrade(given, target)))(new Case(nodes, ["dddd", "xxxx", "bbbb", "yyyy"], "cccc", "dddd"));
    }

    private static Action<Case> Check(Func<RevisionGraph, AlembicModel, HashSet<string>, string, (string[]? Ours, string[]? Theirs)> run) => given =>
    {
        var (graph, model) = (Graph(given.Nodes), new AlembicModel(given.Nodes));
        foreach (var target in Targets(given))
        {
            var (ours, theirs) = run(graph, model, given.Applied, target);
            Assert.True(Shown(ours) == Shown(theirs), $"'{target}' from [{string.Join(' ', given.Applied)}] of\n" +
                string.Join('\n', given.Nodes.Select(node => $"  {node.Id} < {string.Join(' ', node.Down)} ~ {string.Join(' ', node.Needs)} # {string.Join(' ', node.Labels)}")) +
                $"\ngives {Shown(ours)}; Alembic: {Shown(theirs)}");
        }
    };

    private static string Shown(string[]? result) => result is null ? "refused" : "[" + string.Join(' ', result) + "]";

    private static string[] Targets(Case given)
    {
        var (a, b) = (given.One, given.Other);
        return
        [
            "head", "heads", "base", "+1", "+2", "+5", "-1", "-2", "-5", "+0", "zzzz", "head-1", "head-2", "base+1",
            a, a[..2], a[..Math.Min(4, a.Length)], $"{a}-1", $"{a}-2", $"{a}+1", $"{a}+2", $"{a}@head", $"{a}@heads", $"{a}@base", $"{a}@{b}",
            $"{a}@+1", $"{a}@+2", $"{a}@-1", $"{a}@-2", $"{a}@{b}-1", $"{a}@{b}+1", $"{a}@head-1", $"zzzz@{b}", "zzzz@head",
        ];
    }

    private static string[]? Try(Func<IEnumerable<string>> plan)
    {
        try
        {
            return [.. plan()];
        }
        catch (DeepSightException refused) when (refused.Kind == FailureKind.InvalidInput)
        {
            return null;
        }
    }

    private static RevisionGraph Graph(AlembicModel.Node[] nodes) => RevisionGraph.Build([.. nodes.Select((node, at) =>
        new Revision { Id = node.Id, File = $"{at:000}.sql", DownRevisions = node.Down, DependsOn = node.Needs, Labels = node.Labels })]);

    private static HashSet<Revision> Set(RevisionGraph graph, HashSet<string> ids) => [.. ids.Select(id => graph.Find(id)!)];

    private static Case Build(int size, int[] choices, int[] applied, int one, int other)
    {
        // Short and long names with common beginnings, so that prefixes are found, missed and ambiguous.
        var names = Enumerable.Range(0, size).Select(i => (choices[i * 5] % 4) switch { 0 => $"a{i:x}", 1 => $"ab{i:x}c", 2 => $"abc{i:x}d", _ => $"c{i:x}def" }).ToArray();
        var nodes = new AlembicModel.Node[size];
        for (var i = 0; i < size; i++)
        {
            var (kind, near, far, extra) = (choices[i * 5 + 1] % 100, choices[i * 5 + 2], choices[i * 5 + 3], choices[i * 5 + 4]);
            string[] down = i == 0 || kind < 8 ? [] : [names[Math.Max(0, i - 1 - near % 3)]];
            if (i > 1 && kind > 75) down = [.. down.Append(names[far % i]).Distinct()];
            string[] needs = i > 1 && extra % 8 == 0 && !down.Contains(names[extra % i]) ? [names[extra % i]] : [];
            nodes[i] = new AlembicModel.Node(names[i], down, needs, extra % 7 == 0 ? [$"label{i:x}"] : []);
        }

        var model = new AlembicModel(nodes);
        var all = nodes.SelectMany(node => node.Labels.Prepend(node.Id)).ToArray();
        return new Case(nodes, [.. applied.SelectMany(i => model.Under(names[i % size]))], all[one % all.Length], all[other % all.Length]);
    }
}
