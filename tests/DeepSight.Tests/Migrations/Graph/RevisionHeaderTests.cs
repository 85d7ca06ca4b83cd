using DeepSight.Core;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Tests.Migrations.Graph;

public sealed class RevisionHeaderTests
{
    [Fact]
    public void Headers_are_the_comments_at_the_top()
    {
        var header = RevisionHeader.Parse("""

            -- revision: ab12
            -- down_revision: cd34, ef56
            --message: add users; and: more
            -- branch_label: web
            -- depends_on: 9f00
            -- irreversible: drops a column
            -- transaction: off
            -- note: only a comment
            CREATE TABLE t ();
            -- revision: not a header any more
            """, "up/x.sql");

        Assert.Equal("ab12", header.Revision);
        Assert.Equal(["cd34", "ef56"], header.DownRevisions);
        Assert.Equal("add users; and: more", header.Message);
        Assert.Equal(["web"], header.Labels);
        Assert.Equal(["9f00"], header.DependsOn);
        Assert.Equal("drops a column", header.Irreversible);
        Assert.False(header.InTransaction);
    }

    [Theory]
    [InlineData("-- down_revision:")]
    [InlineData("-- down_revision: None")]
    [InlineData("-- down_revision: <base>")]
    public void An_empty_down_revision_is_a_root(string text) => Assert.Equal([], RevisionHeader.Parse(text, "up/x.sql").DownRevisions!);

    [Fact]
    public void Without_down_revision_the_file_follows_the_previous_one() =>
        Assert.Null(RevisionHeader.Parse("SELECT 1;", "up/x.sql").DownRevisions);

    [Theory]
    [InlineData("-- down_revison: ab12", "'down_revison'", "down_revision")]
    [InlineData("-- revision: b\n-- down-revision: a", "'down-revision'", "down_revision")]
    [InlineData("-- Down Revision: a", "'Down Revision'", "down_revision")]
    [InlineData("-- revision = 'a'", "with =", "-- revision:")]
    [InlineData("-- revision: a\n-- revision: b", "twice", "one of them")]
    [InlineData("-- irreversible:", "without saying why", "why")]
    [InlineData("-- transaction: no", "transaction: no", "transaction: off")]
    public void A_header_that_would_change_the_graph_unnoticed_is_refused(string text, string message, string hint)
    {
        var refused = Assert.Throws<DeepSightException>(() => RevisionHeader.Parse(text, "up/x.sql"));

        Assert.Equal(FailureKind.InvalidInput, refused.Kind);
        Assert.Contains("up/x.sql", refused.Message, StringComparison.Ordinal);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refused.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/* (c) ACME */\n-- revision: ab12")]
    [InlineData("/* (c) ACME\n   /* all */ rights */ -- revision: ab12")]
    [InlineData("-- depends on: the users table\n\n/*\n * x\n */\n-- revision: ab12\n-- Revises: cd34")]
    public void Headers_stand_behind_a_licence_as_well(string text) => Assert.Equal("ab12", RevisionHeader.Parse(text, "up/x.sql").Revision);
}
