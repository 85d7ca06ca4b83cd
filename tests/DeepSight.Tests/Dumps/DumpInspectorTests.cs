using System.Globalization;
using System.IO.Hashing;
using System.Text;
using CsCheck;
using DeepSight.Core.Dumps;
using DeepSight.Tests.Postgres.Sql;

namespace DeepSight.Tests.Dumps;

public sealed class DumpInspectorTests
{
    private const string Header = """
        --
        -- PostgreSQL database dump
        --

        \restrict f00

        -- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
        -- Dumped by pg_dump version 17.12 (Debian 17.12-0+deb13u1)

        SET statement_timeout = 0;
        SELECT pg_catalog.set_config('search_path', '', false);


        """;

    private const string Trailer = """


        --
        -- PostgreSQL database dump complete
        --

        \unrestrict f00


        """;

    private static DumpSummary Inspect(string sql) => Inspect([Encoding.UTF8.GetBytes(sql)]);

    private static DumpSummary Inspect(IEnumerable<byte[]> chunks)
    {
        var inspector = new DumpInspector();
        foreach (var chunk in chunks) inspector.Append(chunk);
        return inspector.Complete();
    }

    private static string Sum(params string[] lines) => lines
        .Aggregate(0UL, (sum, line) => unchecked(sum + XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(line)))).ToString("x16", CultureInfo.InvariantCulture);

    [Fact]
    public void The_header_tells_the_versions()
    {
        var summary = Inspect(Header + "-- Dumped from database version 9.0\nSELECT 1;" + Trailer);

        Assert.Equal(("15.20", "17.12"), (summary.ServerVersion, summary.PgDumpVersion));
    }

    [Fact]
    public void A_table_has_rows_bytes_and_a_checksum_of_its_lines()
    {
        var table = Assert.Single(Inspect(Header + "COPY public.t (id, \"Full Name\") FROM stdin;\n1\ta\n2\tb\\n\n\\.\n" + Trailer).Tables);

        Assert.Equal(("public.t", 2L, 10L), (table.Name, table.Rows, table.Bytes));
        Assert.Equal(["id", "Full Name"], table.Columns);
        Assert.Equal(Sum("1\ta", "2\tb\\n"), table.Checksum);
    }

    [Fact]
    public void The_order_of_rows_does_not_matter_and_equal_rows_count()
    {
        var one = Inspect("COPY t (a) FROM stdin;\n1\n2\n2\n\\.\n").Tables[0];
        var other = Inspect("COPY t (a) FROM stdin;\n2\n1\n2\n\\.\n").Tables[0];
        var fewer = Inspect("COPY t (a) FROM stdin;\n1\n\\.\n").Tables[0];

        Assert.Equal(one.Checksum, other.Checksum);
        Assert.NotEqual(one.Checksum, fewer.Checksum);
    }

    [Fact]
    public void Hash_partitions_that_are_dumped_under_their_parents_name_are_summed()
    {
        var tables = Inspect("COPY public.p (a) FROM stdin;\n1\n\\.\nCOPY public.q (a) FROM stdin;\n\\.\nCOPY public.p (a) FROM stdin;\n2\n\\.\n").Tables;

        Assert.Equal(["public.p", "public.q"], tables.Select(t => t.Name));
        Assert.Equal((2L, Sum("1", "2")), (tables[0].Rows, tables[0].Checksum));
        Assert.Equal((0L, "0000000000000000"), (tables[1].Rows, tables[1].Checksum));
    }

    [Theory]
    [InlineData("public.users", "public.users")]
    [InlineData("public.\"user\"", "public.user")]
    [InlineData("\"Odd schema\".\"a.b\"", "\"Odd schema\".\"a.b\"")]
    [InlineData("public.\"two\nlines\"", "public.\"two\nlines\"")]
    [InlineData("public.\"say \"\"hi\"\"; FROM stdin;\"", "public.\"say \"\"hi\"\"; FROM stdin;\"")]
    [InlineData("public.naïve", "public.\"naïve\"")]
    [InlineData("Public.Users", "public.users")]
    public void A_tables_name_is_unambiguous_whatever_it_holds(string written, string name)
    {
        var table = Assert.Single(Inspect($"COPY {written} (a) FROM stdin;\n1\n\\.\n").Tables);

        Assert.Equal((name, 1L), (table.Name, table.Rows));
    }

    [Theory]
    [InlineData("create function begin;", "begin")]
    [InlineData("create function tx.begin() returns int return 1;", "tx.begin")]
    [InlineData("create function + begin;", "")]
    [InlineData("create type t; create function + begin;", "")]
    public void A_routine_whose_end_psql_does_not_see_is_told_where_it_has_a_name(string sql, string names) =>
        Assert.Equal(names, string.Join(',', Inspect(sql).EndlessForPsql));

    [Fact]
    public void Names_of_what_is_created_are_kept_up_to_a_bound()
    {
        var name = new string('n', 1 << 19);
        var summary = Inspect(string.Concat(Enumerable.Range(0, 100).Select(i => $"create type {name}{i}; grant usage on type t to {name}{i};")));

        Assert.InRange(summary.Created.Count + summary.Roles.Count, 1, 32);
    }

    [Fact]
    public void A_row_that_holds_a_terminator_look_alike_does_not_end_the_table()
    {
        var summary = Inspect(Header + "COPY t (a) FROM stdin;\n\\\\.\nCOPY t (a) FROM stdin;\n-- PostgreSQL database dump complete\n--\n\\.\n" + Trailer);

        Assert.Equal(4, summary.Rows);
        Assert.True(summary.IsComplete);
    }

    [Fact]
    public void A_table_without_columns_has_rows_all_the_same() =>
        Assert.Equal((2L, 2L), Inspect("COPY public.t  FROM stdin;\n\n\n\\.\n").Tables.Select(t => (t.Rows, t.Bytes)).Single());

    [Fact]
    public void A_row_of_100_MB_passes_in_parts_with_the_checksum_that_it_has_whole()
    {
        var whole = new XxHash3();
        var inspector = new DumpInspector();
        inspector.Append("COPY t (a) FROM stdin;\n"u8);
        var chunk = new byte[65_521];
        for (var i = 0; i < 1600; i++)
        {
            Array.Fill(chunk, (byte)('a' + i % 26));
            inspector.Append(chunk);
            whole.Append(chunk);
        }
        Assert.Equal("t", inspector.CurrentTable);
        inspector.Append("\n\\.\n"u8);
        Assert.Null(inspector.CurrentTable);

        var table = Assert.Single(inspector.Complete().Tables);
        Assert.Equal((1L, 1600L * chunk.Length + 1), (table.Rows, table.Bytes));
        Assert.Equal(whole.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture), table.Checksum);
    }

    [Fact]
    public void Comments_keys_and_session_settings_are_in_no_checksum()
    {
        const string Schema = "CREATE TABLE a ();\nCREATE TABLE b ();\n";
        var one = Inspect(Header + "-- Name: a; Type: TABLE\n" + Schema + Trailer);
        var other = Inspect(Header.Replace("f00", "bar").Replace("SET", "SET transaction_timeout = 0;\nSET") + "-- Name: b\nBEGIN;\n" + Schema + "COMMIT;\nSET default_table_access_method = heap;" + Trailer);

        Assert.Equal(one.Statements, other.Statements);
        Assert.Equal(new StatementSummary(2, Sum("CREATE TABLE a ();", "CREATE TABLE b ();")), one.Statements);
    }

    [Theory]
    [InlineData("ALTER TABLE ONLY public.t ALTER COLUMN c SET (pg_attver=3);", null)]
    [InlineData("ALTER TABLE ONLY public.t ALTER COLUMN c SET (pg_attver=3, n_distinct=5);", "ALTER TABLE ONLY public.t ALTER COLUMN c SET (n_distinct=5);")]
    [InlineData("ALTER TABLE ONLY public.t ALTER COLUMN c SET (n_distinct=5, pg_attver=3);", "ALTER TABLE ONLY public.t ALTER COLUMN c SET (n_distinct=5);")]
    [InlineData("COMMENT ON TABLE t IS 'SET (pg_attver=3)';", "COMMENT ON TABLE t IS 'SET (pg_attver=3)';")]
    public void Attribute_versions_are_in_no_checksum(string statement, string? remains) =>
        Assert.Equal(remains is null ? new StatementSummary(0, Sum()) : new StatementSummary(1, Sum(remains)), Inspect(statement).Statements);

    [Fact]
    public void Sequences_large_objects_and_inserts_are_values()
    {
        var summary = Inspect("SELECT pg_catalog.setval('public.s', 7, true);\nSELECT pg_catalog.lo_create('16420');\nBEGIN;\nSELECT pg_catalog.lo_open('16420', 131072);\n"
            + "SELECT pg_catalog.lowrite(0, '\\x00');\nSELECT pg_catalog.lo_close(0);\nCOMMIT;\nINSERT INTO t VALUES (1);\nCREATE TABLE t ();\n");

        Assert.Equal((6L, 1L, 1L, 1L), (summary.Values.Count, summary.Inserts, summary.LargeObjects, summary.Statements.Count));
    }

    [Fact]
    public void What_must_exist_beforehand_is_listed()
    {
        var summary = Inspect("""
            CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
            CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
            CREATE POLICY "to" ON public.t AS RESTRICTIVE FOR SELECT TO alice, "Bob, Jr." USING ((owner = 'to eve'::name));
            CREATE POLICY p2 ON public.t TO PUBLIC USING (true);
            CREATE POLICY p3 ON public.t USING (a IN (SELECT 1 TO x));
            CREATE USER MAPPING FOR carol SERVER s OPTIONS ("user" 'x');
            CREATE USER MAPPING FOR PUBLIC SERVER s;
            """);

        Assert.Equal(["pg_trgm", "uuid-ossp"], summary.Extensions);
        Assert.Equal(["Bob, Jr.", "alice", "carol"], summary.Roles);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("\n--\n\n", true)]
    [InlineData("\\unrestrict bar\n", true)]
    [InlineData("SELECT 1;", false)]
    [InlineData("-- more\n", false)]
    [InlineData("/* more */", false)]
    [InlineData("\\! more\n", false)]
    [InlineData("SELECT 1", false)]
    public void The_trailer_counts_with_nothing_behind_it(string behind, bool complete) =>
        Assert.Equal(complete, Inspect(Header + Trailer + behind).IsComplete);

    [Theory]
    [InlineData("CREATE FUNCTION f() AS $$\n")]
    [InlineData("COPY t (a) FROM stdin;\n")]
    [InlineData("/*\n")]
    public void A_trailer_that_is_not_at_top_level_is_none(string before)
    {
        var summary = Inspect(Header + before + Trailer);

        Assert.False(summary.HasTrailer);
        Assert.NotNull(summary.EndsInside);
    }

    [Fact]
    public void A_dump_that_was_cut_off_in_a_table_says_in_which() =>
        Assert.Equal("the rows of public.t", Inspect(Header + "COPY public.t (a) FROM stdin;\n1\n").EndsInside);

    [Fact]
    public void A_dump_of_nothing_is_complete_and_has_no_tables()
    {
        var summary = Inspect(Header + Trailer);

        Assert.True(summary.IsComplete);
        Assert.Empty(summary.Tables);
        Assert.Equal(Encoding.UTF8.GetByteCount(Header + Trailer), summary.SqlBytes);
    }

    [Fact]
    public void Chunks_change_nothing()
    {
        var sql = Encoding.UTF8.GetBytes(Header + "CREATE FUNCTION f() AS $_$ \\. ; $_$;\nCOPY public.\"é\" (a) FROM stdin;\n\\\\.\n\\N\nx\n\\.\n\nCOPY public.\"è\" (a) FROM stdin;\r\n\\.\r\n" + Trailer);
        var whole = Describe(Inspect([sql]));

        Gen.Int[0, sql.Length].Array[0, 30].Sample(cuts => Assert.Equal(whole, Describe(Inspect(AnyChunking.Cut(sql, cuts)))), iter: 2_000);
    }

    private static string Describe(DumpSummary summary) => System.Text.Json.JsonSerializer.Serialize(summary);
}
