using DeepSight.Core;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Tests.Migrations.Graph;

public sealed class RevisionGraphTests
{
    [Fact]
    public void Heads_roots_and_branch_points_go_by_who_follows_whom()
    {
        var graph = Graphs.Of("a; b < a; c < a; m < b c; x; y < x ~ m");

        Assert.Equal("m y", Graphs.Text(graph.Heads));
        Assert.Equal("y", Graphs.Text(graph.IndependentHeads));
        Assert.Equal("a x", Graphs.Text(graph.Roots));
        Assert.Equal("a", Graphs.Text(graph.BranchPoints));
    }

    [Theory]
    [InlineData("a; a", "up/000_a.sql", "up/001_a.sql")]
    [InlineData("a; b < zz", "up/001_b.sql", "'zz'")]
    [InlineData("a; b < a ~ zz", "up/001_b.sql", "'zz'")]
    [InlineData("a < c; b < a; c < b; d < c", "up/000_a.sql → up/002_c.sql → up/001_b.sql → up/000_a.sql", "circle")]
    [InlineData("a; b < a ~ c; c < b", "up/001_b.sql → up/002_c.sql → up/001_b.sql", "circle")]
    [InlineData("a < a", "up/000_a.sql → up/000_a.sql", "circle")]
    [InlineData("a #web; b < a #web", "up/000_a.sql", "up/001_b.sql")]
    [InlineData("a; b < a #a", "up/001_b.sql", "up/000_a.sql")]
    [InlineData("head", "up/000_head.sql", "'head'")]
    [InlineData("a-1", "up/000_a-1.sql", "letters, digits")]
    public void What_is_no_history_is_refused_by_file(string text, string named, string alsoNamed)
    {
        var refused = Assert.Throws<DeepSightException>(() => Graphs.Of(text));

        Assert.Equal(FailureKind.InvalidInput, refused.Kind);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Contains(alsoNamed, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var refused = Assert.Throws<DeepSightException>(() => Graphs.Of("a < x; b < y; c < z"));

        Assert.Equal(4, refused.Message.Split('\n').Length);
    }

    [Fact]
    public void A_long_line_takes_no_time_to_order()
    {
        var revisions = Enumerable.Range(0, 5000).Select(i => new Revision
        {
            Id = $"r{i:0000}",
            File = $"{i:0000}.sql",
            DownRevisions = i == 0 ? [] : [$"r{i - 1:0000}"],
        }).ToList();
        var graph = RevisionGraph.Build(revisions);

        Assert.Equal(revisions, new UpgradePlanner(graph).Plan([], "head"));
    }
}
