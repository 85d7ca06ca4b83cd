using DeepSight.Core;

namespace DeepSight.Tests.Migrations.Graph;

/// <summary>Targets of up, down and stamp, in Alembic's words; the cases follow its documentation ("Working with Branches").</summary>
public sealed class TargetTests
{
    private const string Line = "ae1027; b27c6a < ae1027; c53fff < b27c6a";
    private const string Fork = "1975ea; ae1027 < 1975ea; 27c6a3 < 1975ea #cart";
    private const string Diamond = Fork + "; 53fffd < ae1027 27c6a3";

    [Theory]
    [InlineData(Line, "", "head", "ae1027 b27c6a c53fff")]
    [InlineData(Line, "ae1027", "head", "b27c6a c53fff")]
    [InlineData(Line, "c53fff", "head", "")]
    [InlineData(Line, "c53fff", "ae1027", "")]
    [InlineData(Line, "", "base", "")]
    [InlineData(Line, "", "+1", "ae1027")]
    [InlineData(Line, "ae1027", "+2", "b27c6a c53fff")]
    [InlineData(Line, "", "head-1", "ae1027 b27c6a")]
    [InlineData(Line, "", "ae10+1", "ae1027 b27c6a")]
    [InlineData(Line, "", "b27c", "ae1027 b27c6a")]
    [InlineData(Line, "", "b27", "ae1027 b27c6a")]
    [InlineData(Line, "", "001_b27c6a.sql", "ae1027 b27c6a")]
    [InlineData(Fork, "", "heads", "1975ea 27c6a3 ae1027")]
    [InlineData(Fork, "", "cart@head", "1975ea 27c6a3")]
    [InlineData(Fork, "", "cart", "1975ea 27c6a3")]
    [InlineData(Fork, "1975ea", "cart@+1", "27c6a3")]
    [InlineData(Fork, "1975ea", "27c6@+1", "27c6a3")]
    [InlineData(Diamond, "", "head", "1975ea 27c6a3 ae1027 53fffd")]
    [InlineData(Diamond, "ae1027", "head", "27c6a3 53fffd")]
    [InlineData("a001; b001 ~ a001; b002 < b001", "", "b002", "a001 b001 b002")]
    public void Up_applies_what_the_target_needs(string graph, string standing, string target, string applied) =>
        Assert.Equal(applied, Graphs.Of(graph).Up(standing, target));

    [Theory]
    [InlineData(Fork, "", "head", "Multiple heads are present", "'heads'")]
    [InlineData(Fork, "1975ea", "+1", "Ambiguous walk", "label@+1")]
    [InlineData(Fork, "ae1027 27c6a3", "+1", "Ambiguous upgrade from multiple current revisions", "label@+1")]
    [InlineData(Line, "b27c6a", "+2", "Relative revision +2 didn't produce 2 migrations", "history")]
    [InlineData(Line, "", "-1", "Relative revision -1 didn't produce 1 migrations", "history")]
    [InlineData(Line, "", "ae1027+7", "didn't produce 7 migrations", "history")]
    [InlineData(Diamond, "", "head-1", "Ambiguous walk", "name the revision itself, as in 'ae1027'")]
    [InlineData(Line, "", "ffff", "No such revision or branch 'ffff'", "history")]
    [InlineData("001; 002 < 001", "", "00", "No such revision or branch '00'", "at least four characters")]
    [InlineData("abcd1; abcd2 < abcd1", "", "abcd", "up/000_abcd1.sql", "more of it")]
    [InlineData(Fork, "", "ae10@27c6a3", "Revision 27c6a3 is not a member of branch 'ae10'", "branches")]
    [InlineData(Fork, "", "nope@head", "'nope'", "history")]
    public void Up_refuses_what_Alembic_refuses(string graph, string standing, string target, string message, string hint) =>
        Refused(() => Graphs.Of(graph).Up(standing, target), message, hint);

    [Theory]
    [InlineData(Line, "c53fff", "-1", "c53fff")]
    [InlineData(Line, "c53fff", "-3", "c53fff b27c6a ae1027")]
    [InlineData(Line, "c53fff", "base", "c53fff b27c6a ae1027")]
    [InlineData(Line, "c53fff", "ae1027", "c53fff b27c6a")]
    [InlineData(Line, "c53fff", "head-2", "c53fff b27c6a")]
    [InlineData(Line, "c53fff", "head", "")]
    [InlineData(Line, "", "base", "")]
    [InlineData(Fork, "ae1027 27c6a3", "1975ea", "ae1027 27c6a3")]
    [InlineData(Fork, "ae1027 27c6a3", "cart@-1", "27c6a3")]
    [InlineData(Fork, "ae1027 27c6a3", "cart@1975ea", "27c6a3")]
    [InlineData(Diamond, "53fffd", "ae1027", "53fffd")]
    [InlineData("a001; b001 ~ a001; b002 < b001", "b002", "base", "b002 b001 a001")]
    public void Down_undoes_what_follows_the_target(string graph, string standing, string target, string undone) =>
        Assert.Equal(undone, Graphs.Of(graph).Down(standing, target));

    [Theory]
    [InlineData(Line, "", "-1", "Relative revision -1 didn't produce 1 migrations", "history")]
    [InlineData(Line, "c53fff", "-4", "Relative revision -4 didn't produce 4 migrations", "history")]
    [InlineData(Line, "c53fff", "+1", "Relative revision +1 didn't produce 1 migrations", "history")]
    [InlineData(Line, "ae1027", "c53fff", "not a valid downgrade target from current head(s) ae1027", "current")]
    [InlineData(Diamond, "53fffd", "-1", "Ambiguous walk: 53fffd merges", "`down ae1027` takes off 53fffd and what follows it")]
    [InlineData(Fork, "ae1027 27c6a3", "-1", "from multiple heads is ambiguous", "ae1027@-1")]
    [InlineData(Fork, "ae1027 27c6a3", "head", "Multiple heads are present", "'heads'")]
    public void Down_refuses_what_Alembic_refuses_or_will(string graph, string standing, string target, string message, string hint) =>
        Refused(() => Graphs.Of(graph).Down(standing, target), message, hint);

    [Theory]
    [InlineData(Line, "", "head", "c53fff")]
    [InlineData(Line, "c53fff", "ae1027", "ae1027")]
    [InlineData(Line, "c53fff", "base", "")]
    [InlineData(Fork, "ae1027", "27c6a3", "ae1027 27c6a3")]
    [InlineData(Fork, "ae1027 27c6a3", "1975ea", "1975ea")]
    [InlineData(Fork, "", "heads", "ae1027 27c6a3")]
    [InlineData("a; b < a; x; y < x", "b y", "a", "a y")]
    [InlineData("a; b < a; x; y < x", "b y", "x@base", "b")]
    public void Stamp_replaces_only_what_has_to_do_with_the_target(string graph, string standing, string target, string stands) =>
        Assert.Equal(stands, Graphs.Of(graph).Stamp(standing, target));

    [Fact]
    public void Stamp_counts_no_steps() => Refused(() => Graphs.Of(Line).Stamp("c53fff", "-1"), "'-1' is not a target of stamp", "name the revision");

    private static void Refused(Func<string> plan, string message, string hint)
    {
        var refused = Assert.Throws<DeepSightException>(() => plan());
        Assert.Equal(FailureKind.InvalidInput, refused.Kind);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refused.Hint, StringComparison.Ordinal);
    }
}
