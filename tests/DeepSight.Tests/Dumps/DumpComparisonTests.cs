using DeepSight.Core.Dumps;

namespace DeepSight.Tests.Dumps;

public sealed class DumpComparisonTests
{
    private static readonly DumpSummary Taken = new()
    {
        PgDumpVersion = "17.12",
        Tables = [new TableSummary("public.t", ["a", "b"], 3, 12, "aa"), new TableSummary("public.u", ["a"], 1, 2, "bb")],
        Statements = new StatementSummary(7, "cc"),
        Values = new StatementSummary(2, "dd"),
    };

    private static DumpSummary With(params TableSummary[] tables) => Taken with { Tables = tables };

    [Fact]
    public void A_faithful_restore_differs_in_nothing() =>
        Assert.True(DumpComparison.Of(Taken, With([.. Taken.Tables.Reverse()])).AreEqual);

    [Fact]
    public void Tables_that_differ_are_named_with_what_differs()
    {
        var comparison = DumpComparison.Of(Taken, With(Taken.Tables[0] with { Rows = 2, Checksum = "a0" }, new TableSummary("public.v", [], 1, 1, "ee")));

        Assert.Equal(
            [
                "Table public.t has 2 rows instead of 3.",
                "Table public.u is missing; 1 row expected.",
                "Table public.v was not expected; it has 1 row.",
            ],
            comparison.Differences.Select(d => d.Message));
    }

    [Fact]
    public void A_table_without_rows_that_was_not_dumped_is_a_note()
    {
        var comparison = DumpComparison.Of(Taken, With(Taken.Tables[0], Taken.Tables[1], new TableSummary("public.cache", [], 0, 0, "00")));

        Assert.Empty(comparison.Differences);
        Assert.Contains("Table public.cache has no rows: the backup holds none of it.", comparison.Notes);
    }

    [Fact]
    public void Other_contents_in_as_many_rows_are_a_difference() =>
        Assert.Equal(["public.t"], DumpComparison.Of(Taken, With(Taken.Tables[0] with { Checksum = "a0" }, Taken.Tables[1])).Differences.Select(d => d.Subject));

    [Fact]
    public void A_table_whose_columns_come_in_another_order_is_compared_by_count_and_says_so()
    {
        var comparison = DumpComparison.Of(Taken, With(Taken.Tables[0] with { Columns = ["b", "a"], Checksum = "a0" }, Taken.Tables[1]));

        Assert.True(comparison.AreEqual);
        Assert.Contains("public.t", Assert.Single(comparison.Notes));
    }

    [Fact]
    public void Other_columns_are_a_difference() =>
        Assert.Equal("Table public.t has columns (a, c) instead of (a, b).",
            Assert.Single(DumpComparison.Of(Taken, With(Taken.Tables[0] with { Columns = ["a", "c"] }, Taken.Tables[1])).Differences).Message);

    [Fact]
    public void The_schema_and_the_values_are_compared_within_a_major()
    {
        var other = Taken with { PgDumpVersion = "17.10", Statements = new StatementSummary(8, "cc"), Values = new StatementSummary(2, "d0") };

        Assert.Equal(["schema", "values"], DumpComparison.Of(Taken, other).Differences.Select(d => d.Subject));
    }

    [Fact]
    public void A_schema_in_other_words_is_a_note()
    {
        var comparison = DumpComparison.Of(Taken, Taken with { Statements = new StatementSummary(7, "c0") });

        Assert.True(comparison.AreEqual);
        Assert.Contains("in other words", Assert.Single(comparison.Notes));
    }

    [Fact]
    public void Between_majors_only_tables_are_compared()
    {
        var comparison = DumpComparison.Of(Taken, Taken with { PgDumpVersion = "18.1", Statements = new StatementSummary(8, "c0") });

        Assert.True(comparison.AreEqual);
        Assert.Contains("pg_dump 17.12", Assert.Single(comparison.Notes));
    }
}
