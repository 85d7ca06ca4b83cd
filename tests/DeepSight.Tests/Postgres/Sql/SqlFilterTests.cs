using System.Buffers;
using System.Text;
using CsCheck;
using DeepSight.Core;
using DeepSight.Core.Postgres.Sql;

namespace DeepSight.Tests.Postgres.Sql;

public sealed class SqlFilterTests
{
    private static readonly SqlFilterRules Restore = new()
    {
        UnknownSettings = SqlFilterRules.SettingsUnknownTo(15),
        DropAttributeVersions = true,
        DropRestrict = true,
        OwnTransaction = true,
        RefuseMetaCommands = true,
    };

    private static string Filter(SqlFilterRules rules, string sql) => Filter(rules, [Encoding.UTF8.GetBytes(sql)]).Output;

    private static (string Output, SqlFilter Filter) Filter(SqlFilterRules rules, IEnumerable<byte[]> chunks, Action<string, long>? copied = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var filter = new SqlFilter(rules, output, copied);
        foreach (var chunk in chunks) filter.Append(chunk);
        filter.Complete();
        return (Encoding.UTF8.GetString(output.WrittenSpan), filter);
    }

    [Theory]
    [InlineData("SET lock_timeout = 0;\nSET transaction_timeout = 0;\nSET row_security = off;\n", "SET lock_timeout = 0;\n\nSET row_security = off;\n")]
    [InlineData("set session /* x */ \"transaction_timeout\"\n to '0' ;", "")]
    [InlineData("\\restrict abc\nSELECT 1;\n\\unrestrict abc\n", "\nSELECT 1;\n\n")]
    [InlineData("BEGIN;\nSELECT 1;\nCOMMIT;\n", "\nSELECT 1;\n\n")]
    [InlineData("START TRANSACTION;END WORK;", "")]
    [InlineData("ALTER TABLE ONLY t ALTER COLUMN c SET (pg_attver=3);", "")]
    [InlineData("ALTER TABLE ONLY t ALTER COLUMN \"SET (\" SET (a=1, pg_attver=3, b=2);", "ALTER TABLE ONLY t ALTER COLUMN \"SET (\" SET (a=1, b=2);")]
    [InlineData("COMMIT", "")]
    public void What_a_rule_names_is_left_out(string sql, string expected) => Assert.Equal(expected, Filter(Restore, sql));

    [Theory]
    [InlineData("COPY t (a) FROM stdin;\nSET transaction_timeout = 0;\n\\restrict x\n\\! rm\nCOMMIT;\n\\.\n")]
    [InlineData("CREATE FUNCTION f() AS $$\nSET transaction_timeout = 0;\nCOMMIT;\n\\! rm\n$$;\n")]
    [InlineData("CREATE FUNCTION f() SET transaction_timeout = 0 BEGIN ATOMIC SELECT 1; END;")]
    [InlineData("SELECT 'SET transaction_timeout = 0; \\restrict x';")]
    [InlineData("-- SET transaction_timeout = 0; \\! rm\n/* COMMIT; */\n")]
    [InlineData("COMMENT ON COLUMN t.c IS 'ALTER TABLE t SET (pg_attver=3);';")]
    [InlineData("SET ROLE transaction_timeout;SET \"Transaction timeout\" = 0;")]
    [InlineData("PREPARE q AS SELECT 1;SAVEPOINT s;")]
    public void The_same_text_elsewhere_passes(string sql) => Assert.Equal(sql, Filter(Restore, sql));

    [Theory]
    [InlineData("create function f() begin atomic select b.begin; end;|\nSELECT 1;\n")]
    [InlineData("create function tx.begin() returns int return 1;| SELECT 1;")]
    [InlineData("create function f() begin atomic select x.case; end;|")]
    public void Where_psql_does_not_see_the_end_of_a_statement_it_is_told(string sql) =>
        Assert.Equal(sql.Replace("|", " \\g \\\\", StringComparison.Ordinal), Filter(Restore with { EndForPsql = " \\g \\\\" }, sql.Replace("|", "", StringComparison.Ordinal)));

    [Fact]
    public void What_psql_would_cut_is_refused()
    {
        var refused = Assert.Throws<DeepSightException>(() => Filter(Restore with { EndForPsql = "" }, "SELECT 1;\ncreate function f() begin atomic select x.end; drop table y; end;"));

        Assert.Contains("at line 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_rules_everything_passes() =>
        Assert.Equal("\\! rm\nROLLBACK;\0", Filter(new SqlFilterRules(), "\\! rm\nROLLBACK;\0"));

    [Theory]
    [InlineData("\n\\connect other", "\\connect", "line 2")]
    [InlineData("SELECT 1 \\gexec\n;", "\\gexec", "line 1")]
    [InlineData("\\! rm -rf x\n", "\\!", "line 1")]
    [InlineData("\\restrict abc \\! rm\n", "\\restrict", "line 1")]
    [InlineData("\\restrict abc\\\\ SELECT 1;\n", "\\restrict", "line 1")]
    [InlineData("SELECT 1\n\\unrestrict abc\n;", "\\unrestrict", "line 2")]
    [InlineData("COMMIT \\; SELECT 1;", "\\;", "line 1")]
    [InlineData("COPY t FROM stdin;\n\\.\n\\copy t from 'x'\n", "\\copy", "line 3")]
    [InlineData("ROLLBACK;", "end the transaction", "line 1")]
    [InlineData("COMMIT /* */ AND CHAIN;", "end the transaction", "line 1")]
    [InlineData("PREPARE TRANSACTION 'x';", "end the transaction", "line 1")]
    [InlineData("SELECT 1;\0", "zero byte", "offset 9")]
    [InlineData("SET client_encoding = 'SJIS';", "SJIS", "Line 1")]
    [InlineData("SET NAMES 'shift_jis 2004';", "shift_jis 2004", "Line 1")]
    public void What_could_leave_the_restore_is_refused(string sql, string what, string where)
    {
        var refusal = Assert.Throws<DeepSightException>(() => Filter(Restore, sql));

        Assert.Equal(FailureKind.Refused, refusal.Kind);
        Assert.Contains(what, refusal.Message);
        Assert.Contains(where, refusal.Message);
        Assert.NotNull(refusal.Hint);
    }

    [Fact]
    public void Each_use_is_counted()
    {
        var (_, filter) = Filter(Restore, ["\\restrict a\nSET transaction_timeout = 0;BEGIN;COMMIT;BEGIN;COMMIT;\n\\unrestrict a\n"u8.ToArray()]);

        Assert.Equal([new(@"\restrict", 1), new("SET transaction_timeout", 1), new("BEGIN", 2), new("COMMIT", 2), new(@"\unrestrict", 1)], filter.Uses);
    }

    [Fact]
    public void Rows_are_counted_for_each_copy()
    {
        var counts = new List<(string, long)>();
        Filter(Restore, ["COPY public.\"A\" (a) FROM stdin;\n1\n2\n\\.\nCOPY b FROM stdin;\n\\.\nCOPY b FROM stdin;\n1\n\\.\n"u8.ToArray()], (table, rows) => counts.Add((table, rows)));

        Assert.Equal([("public.\"A\"", 2L), ("b", 0L), ("b", 1L)], counts);
    }

    [Fact]
    public void A_giant_statement_is_not_held_back()
    {
        var output = new ArrayBufferWriter<byte>();
        var filter = new SqlFilter(Restore, output);
        filter.Append(Encoding.UTF8.GetBytes("INSERT INTO t VALUES ('" + new string('x', 70_000)));

        Assert.True(output.WrittenCount > 70_000);
    }

    [Fact]
    public void Every_byte_passes_a_filter_without_rules_however_it_is_cut() =>
        Gen.Select(AnyChunking.Sql, Gen.Int[0, 100].Array[0, 30]).Sample((sql, cuts) =>
        {
            try
            {
                Assert.Equal(Encoding.UTF8.GetString(sql), Filter(new SqlFilterRules(), AnyChunking.Cut(sql, cuts)).Output);
            }
            catch (DeepSightException refusal) when (refusal.Kind == FailureKind.Corrupt)
            {
            }
        }, iter: 20_000);

    [Fact]
    public void What_is_left_out_does_not_depend_on_chunks()
    {
        var sql = "\\restrict abc\n\nSET transaction_timeout = 0;\nBEGIN;\nCOPY t (a) FROM stdin;\nCOMMIT;\n\\.\n-- x\nALTER TABLE t ALTER c SET (a=1, pg_attver=3);COMMIT;\n\\unrestrict abc\n"u8.ToArray();
        var whole = Filter(Restore, [sql]).Output;

        Assert.Equal("\n\n\n\nCOPY t (a) FROM stdin;\nCOMMIT;\n\\.\n-- x\nALTER TABLE t ALTER c SET (a=1);\n\n", whole);
        Gen.Int[0, sql.Length].Array[0, 30].Sample(cuts => Assert.Equal(whole, Filter(Restore, AnyChunking.Cut(sql, cuts)).Output), iter: 2_000);
    }
}
