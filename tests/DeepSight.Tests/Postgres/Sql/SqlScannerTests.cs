using DeepSight.Core;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Tests.Postgres.Sql;

public sealed class SqlScannerTests
{
    [Theory]
    [InlineData("SELECT ';';SELECT 2;")]
    [InlineData("SELECT 'it''s;';SELECT 2;")]
    [InlineData(@"SELECT '\';SELECT 2;")]
    [InlineData(@"SELECT E'\';';SELECT 2;")]
    [InlineData(@"SELECT E'a''\';';SELECT 2;")]
    [InlineData(@"SELECT U&'\';SELECT 2;")]
    [InlineData("SELECT U&\";\";SELECT 2;")]
    [InlineData("SELECT b'0;',X'1;',n'a;';SELECT 2;")]
    [InlineData(@"SELECT n'\';SELECT 2;")]
    [InlineData("SELECT \"a;\"\"b\";SELECT 2;")]
    [InlineData("SELECT \"two\n;lines\";SELECT 2;")]
    [InlineData("SELECT $$;$$;SELECT 2;")]
    [InlineData("SELECT $a$ $$;$b$a $a $b$a$;SELECT 2;")]
    [InlineData("SELECT $_é1$;$_é$ $_é1$;SELECT 2;")]
    [InlineData("SELECT a$b$;SELECT 2;")]
    [InlineData("SELECT $1;SELECT 2;")]
    [InlineData("SELECT 1$$;$$;SELECT 2;")]
    [InlineData("SELECT /* ; /* ' */ \" */ 1;SELECT 2;")]
    [InlineData("SELECT /*/ ; **/ 1;SELECT 2;")]
    [InlineData("SELECT 1 -- ; '\n;SELECT 2;")]
    [InlineData("SELECT 1 -- ; '\r;SELECT 2;")]
    [InlineData("SELECT 1 - 2 / 3 - -4;SELECT 2;")]
    [InlineData("SELECT (1;2);SELECT 2;")]
    [InlineData("SELECT 1);SELECT 2;")]
    [InlineData("-1;SELECT 2;")]
    [InlineData(@"SELECT 1e'\';SELECT 2;")]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b);SELECT 2;")]
    [InlineData("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END;SELECT 2;")]
    [InlineData("create or replace procedure p(begin int) begin atomic insert into t values (1); end;SELECT 2;")]
    [InlineData("create function f() begin atomic select b.begin from b order by b.begin; select x as case; select x.end; end;SELECT 2;")]
    [InlineData("create function tx.begin() returns begin language sql as 'select 1';SELECT 2;")]
    [InlineData("create function begin.atomic(begin atomic) returns int set x to begin begin atomic; select 1; end;SELECT 2;")]
    [InlineData("create function f() return case when true then 1 end;SELECT 2;")]
    [InlineData("create function f() begin atomic end;SELECT 2;")]
    public void Ends_a_statement_at_its_own_semicolon(string sql)
    {
        var scan = EventRecorder.Scan(sql);

        Assert.Equal([sql[..^"SELECT 2;".Length], "SELECT 2;"], scan.Statements);
        Assert.True(scan.End.IsClean);
    }

    [Fact]
    public void A_backslash_escapes_where_the_dump_says_that_strings_are_not_standard()
    {
        var scan = EventRecorder.Scan("SET standard_conforming_strings = off;SELECT '\\';';SET standard_conforming_strings TO 'on';SELECT '\\';");

        Assert.Equal(@"SELECT '\';';", scan.Statements[1]);
        Assert.Equal(@"SELECT '\';", scan.Statements[3]);
    }

    [Fact]
    public void A_string_that_goes_on_in_the_next_line_keeps_its_kind_for_the_server_only()
    {
        const string sql = "SELECT E'a' -- and on\n'\\';'\n;";

        Assert.Equal([sql], EventRecorder.Scan(sql, SqlDialect.Server).Statements);
        // psql 15 shows it: SELECT E'a'⏎'b\'c' AS x; \echo hidden ' \echo seen  … prints "seen".
        Assert.Equal(["SELECT E'a' -- and on\n'\\';"], EventRecorder.Scan(sql, SqlDialect.Psql).Statements);
    }

    [Fact]
    public void What_lies_between_statements_is_told_apart()
    {
        var scan = EventRecorder.Scan("-- one\n\n/* two */ SELECT 1; -- three\n");

        Assert.Equal(["comment -- one", "blank \n\n/* two */ ", "text SELECT 1;"], scan.Events.Take(3));
        Assert.Equal(["blank  ", "comment -- three"], scan.Events.Skip(4).Take(2));
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_statement() =>
        Assert.Equal(["SELECT 1;"], EventRecorder.Scan(["\ufeffSELECT 1;"u8.ToArray()]).Statements);

    [Fact]
    public void A_meta_command_is_a_backslash_outside_quotes_to_the_end_of_its_line()
    {
        var scan = EventRecorder.Scan("\\restrict abc\nSELECT '\\a', $$\\b$$ \\gexec x\n;\n\\! rm");

        Assert.Equal([@"\restrict abc", @"\gexec x", @"\! rm"], scan.MetaCommands);
        Assert.Equal([@"SELECT '\a', $$\b$$ " + "\n;"], [string.Concat(scan.Events.Where(e => e.StartsWith("text", StringComparison.Ordinal)).Select(e => e[5..]))]);
    }

    [Fact]
    public void Copy_data_may_look_like_anything()
    {
        string[] rows =
        [
            "SET transaction_timeout = 0;\n", "COPY t (a) FROM stdin;\n", "\\\\.\n", "\\.x\n", " \\.\n", "\\.\r x\n", "\\N\t'\n", "-- PostgreSQL database dump complete\n",
            "$$\n", "/*\n", "a\r\n", "\n", "\\\n",
        ];
        var scan = EventRecorder.Scan($"COPY public.t (a) FROM stdin;\n{string.Concat(rows)}\\.\n\nSELECT 1;\n");

        Assert.Equal(rows, scan.Rows);
        Assert.Equal("SELECT 1;", scan.Statements[1]);
        Assert.True(scan.End.IsClean);
    }

    [Theory]
    [InlineData("COPY t FROM stdin;", true)]
    [InlineData("copy \"a;\nfrom\" (\"b\", c) from /* ; */ STDIN with (format csv);", true)]
    [InlineData("COPY t FROM stdout;", true)]
    [InlineData("COPY t FROM 'stdin';", false)]
    [InlineData("COPY t FROM PROGRAM 'x';", false)]
    [InlineData("COPY (SELECT * FROM stdin) TO stdout;", false)]
    [InlineData("SELECT copy FROM stdin;", false)]
    public void Copy_data_follows_where_the_server_asks_psql_for_it(string statement, bool data)
    {
        var scan = EventRecorder.Scan(statement + "\n1;\n\\.\n");

        Assert.Equal(data ? 1 : 2, scan.Statements.Count);
        Assert.Equal(data ? ["1;\n"] : [], scan.Rows);
    }

    [Fact]
    public void A_terminator_may_end_with_a_carriage_return() =>
        Assert.True(EventRecorder.Scan("COPY t FROM stdin;\r\n1\r\n\\.\r\n").End.IsClean);

    [Fact]
    public void Text_behind_a_copy_on_its_line_is_refused()
    {
        var refusal = Assert.Throws<DeepSightException>(() => EventRecorder.Scan("\n\nCOPY t FROM stdin; SELECT 1;\n\\.\n"));

        Assert.Equal(FailureKind.Corrupt, refusal.Kind);
        Assert.Contains("line 3", refusal.Message);
    }

    [Theory]
    [InlineData("SELECT 1", nameof(SqlEndKind.Statement), 2)]
    [InlineData("SELECT (1;", nameof(SqlEndKind.Statement), 2)]
    [InlineData("SELECT 'a", nameof(SqlEndKind.String), 9)]
    [InlineData("SELECT 'a''b", nameof(SqlEndKind.String), 9)]
    [InlineData("SELECT \"a\"\"b", nameof(SqlEndKind.QuotedIdentifier), 9)]
    [InlineData("SELECT $x$ $$", nameof(SqlEndKind.DollarQuote), 9)]
    [InlineData("SELECT 1 /* /* */", nameof(SqlEndKind.Comment), 11)]
    [InlineData("/* ", nameof(SqlEndKind.Comment), 2)]
    [InlineData("COPY t FROM stdin;", nameof(SqlEndKind.CopyData), 2)]
    [InlineData("COPY t FROM stdin;\n1\n", nameof(SqlEndKind.CopyData), 2)]
    [InlineData("COPY t FROM stdin;\n1\n\\.", nameof(SqlEndKind.CopyData), 2)]
    [InlineData("SELECT 'a';", nameof(SqlEndKind.Clean), 13)]
    [InlineData("-- x", nameof(SqlEndKind.Clean), 6)]
    public void Input_that_ends_in_the_middle_is_told(string sql, string kind, long offset)
    {
        var end = EventRecorder.Scan("\n\n" + sql).End;

        Assert.Equal((kind, offset), (end.Kind.ToString(), end.Offset));
        Assert.Equal(end.IsClean ? end.Line : 3, end.Line);
    }

    [Fact]
    public void Of_a_giant_statement_the_head_is_kept()
    {
        var chunks = Enumerable.Repeat("x'0123456789abcdef';\n"u8.ToArray(), 100).Prepend("SELECT ("u8.ToArray()).Concat(Enumerable.Repeat(new byte[100_000], 50))
            .Append(");"u8.ToArray());
        var scan = EventRecorder.Scan(chunks);

        Assert.Equal(SqlScanner.HeadLimit, scan.Heads[0].Length);
        Assert.StartsWith("SELECT (x'", scan.Heads[0], StringComparison.Ordinal);
        Assert.Equal(5_000_000, scan.Statements[0].Length, 10_000d);
    }
}
