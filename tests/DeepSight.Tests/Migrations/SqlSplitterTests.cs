using CsCheck;
using DeepSight.Core;
using DeepSight.Core.Migrations;

namespace DeepSight.Tests.Migrations;

public sealed class SqlSplitterTests
{
    private static readonly string[] Pieces = ["a", "é", "𝄞", "'", "\"", "$", ";", "-", "/", "*", "\n", " ", "(", ")", "\\"];

    private static IReadOnlyList<MigrationStatement> Split(string sql) => SqlSplitter.Split(sql, "002_users.sql");

    [Fact]
    public void Each_statement_has_its_place_in_the_file()
    {
        const string sql = "\ufeff-- revision: é𝄞\n\nCREATE TABLE é (a int); ;\r\n/* ; */ INSERT INTO é\nVALUES (';') ;\nSELECT 1 -- last\n";
        var statements = Split(sql);

        Assert.Equal(["CREATE TABLE é (a int)", "INSERT INTO é\nVALUES (';')", "SELECT 1 -- last"], statements.Select(s => s.Text));
        Assert.Equal([3, 4, 6], statements.Select(s => s.Line));
        Assert.All(statements, s => Assert.StartsWith(s.Text, sql[s.Offset..], StringComparison.Ordinal));
    }

    [Fact]
    public void Bodies_stay_whole()
    {
        string[] statements =
        [
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 ELSE 2 END; END",
            "CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS $body$ BEGIN PERFORM $$;$$; END; $body$",
            "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)",
            "DO $$ BEGIN RAISE NOTICE ';'; END $$",
        ];

        Assert.Equal(statements, Split(string.Join(";\n", statements)).Select(s => s.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(";\n ; -- nothing\n/* ; */")]
    public void A_file_of_nothing_has_no_statements(string sql) => Assert.Empty(Split(sql));

    [Theory]
    [InlineData("SELECT 1;\n\n\\i other.sql\n", 3, "Put that file's statements here")]
    [InlineData("\\connect other", 1, "configured database")]
    [InlineData("SELECT 1 \\gexec", 1, "DO block")]
    [InlineData("\\d t", 1, "write it in SQL")]
    [InlineData("SELECT 1;\nCOPY t FROM stdin;\n1\n\\.\n", 2, "INSERT")]
    [InlineData("SELECT 1;\nSELECT '\n\n;", 2, "Close it")]
    [InlineData("SELECT\n \"a\n;", 2, "Close it")]
    [InlineData("\nDO $x$ $$\n$$;\n", 2, "Close it")]
    [InlineData("SELECT 1;\n\n/* /* */\n", 3, "Close it")]
    public void What_the_server_can_not_run_is_refused_with_its_line(string sql, int line, string hint)
    {
        var refusal = Assert.Throws<DeepSightException>(() => Split(sql));

        Assert.Equal(FailureKind.InvalidInput, refusal.Kind);
        Assert.StartsWith($"002_users.sql, line {line}:", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refusal.Hint);
    }

    [Fact]
    public void Strings_that_go_on_in_the_next_line_are_read_as_the_server_reads_them() =>
        Assert.Single(Split("SELECT E'a'\n'b\\';'"));

    [Fact]
    public void No_statement_is_lost_or_cut() => Gen.Int[0, Pieces.Length - 1].Array[0, 30].Sample(picks =>
    {
        var sql = string.Concat(picks.Select(i => Pieces[i]));
        try
        {
            Assert.All(Split(sql), s => Assert.StartsWith(s.Text, sql[s.Offset..], StringComparison.Ordinal));
        }
        catch (DeepSightException refusal)
        {
            Assert.Equal(FailureKind.InvalidInput, refusal.Kind);
        }
    }, iter: 5_000);
}
