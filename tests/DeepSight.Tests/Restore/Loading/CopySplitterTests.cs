using System.Text;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Loading;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore.Loading;

/// <summary>Rows of large tables that are loaded over two sessions; each session's rows have a transaction of their own.</summary>
public sealed class CopySplitterTests(PostgresServers servers)
{
    private const string Transactions = "select count(distinct xmin::text) from big";

    /// <summary>Rows that look like the end of data, long rows that cross blocks, small tables on both sides.</summary>
    private const string Large =
        """
        set client_min_messages = warning;
        create table before_big (id int primary key);
        insert into before_big select generate_series(1, 10);
        create table big (id int primary key, made timestamptz not null, body text, note text);
        insert into big select n, timestamptz '2026-01-01' + n * interval '1 s', repeat(md5(n::text), 20), E'\\.\n\\.' from generate_series(1, 30000) n;
        insert into big select -n, now(), repeat('long ' || n, 200000), '' from generate_series(1, 6) n;
        create table big_too (id int, body text);
        insert into big_too select n, repeat(md5(n::text), 20) from generate_series(1, 20000) n;
        create table last_one (id int);
        insert into last_one values (1);
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    public async Task Rows_of_large_tables_go_to_two_sessions_and_all_arrive(int major)
    {
        var sql = await DumpAsync(major);
        var target = await servers.NewDatabaseAsync(major);

        var result = await LoadAsync(sql, target, new LoadOptions());

        Assert.Equal(50_017, result.Summary.Rows);
        Assert.True(DumpComparison.Of(result.Summary, await DumpFiles.SummarizeAsync(target)).AreEqual);
        Assert.Equal((2, 2, 1), (await target.AskAsync<long>(Transactions),
            await target.AskAsync<long>("select count(distinct xmin::text) from big_too"), await target.AskAsync<long>("select count(distinct xmin::text) from before_big")));
    }

    [Fact]
    public async Task Within_one_transaction_no_second_session_takes_part()
    {
        var target = await servers.NewDatabaseAsync(17);

        await LoadAsync(await DumpAsync(17), target, new LoadOptions { SingleTransaction = true });

        Assert.Equal(1, await target.AskAsync<long>(Transactions));
    }

    [Theory]
    [InlineData("BEGIN;\nCOMMIT;\n")]
    [InlineData("SELECT pg_catalog.set_config('datestyle', 'german', false);\nRESET ALL;\n")]
    [InlineData("DO $$ begin perform 1; end $$;\n")]
    public async Task After_what_pg_dump_does_not_write_before_data_one_session_loads_it_all(string statements)
    {
        var text = Encoding.UTF8.GetString(await DumpAsync(17));
        var at = text.IndexOf("COPY public.before_big", StringComparison.Ordinal);
        var target = await servers.NewDatabaseAsync(17);

        await LoadAsync(Encoding.UTF8.GetBytes(text.Insert(at, statements)), target, new LoadOptions { TrustStatements = true });

        Assert.Equal(1, await target.AskAsync<long>(Transactions));
    }

    [Fact]
    public async Task The_second_session_has_the_settings_of_the_dump()
    {
        var text = Encoding.UTF8.GetString(await DumpAsync(17));
        var at = text.IndexOf("COPY public.before_big", StringComparison.Ordinal);
        var american = System.Text.RegularExpressions.Regex.Replace(text.Insert(at, "SET datestyle = 'ISO, DMY';\n"),
            @"\t2026-01-01 (\d\d:\d\d:\d\d)\+00\t", "\t03/02/2026 $1+00\t");
        var target = await servers.NewDatabaseAsync(17);

        await LoadAsync(Encoding.UTF8.GetBytes(american), target, new LoadOptions { TrustStatements = true });

        Assert.Equal((2, 0), (await target.AskAsync<long>(Transactions),
            await target.AskAsync<long>("select count(*) from big where id > 0 and made < timestamptz '2026-02-03' and made not between '2026-02-03' and '2026-02-04'")));
    }

    [Theory]
    [InlineData("\n29999\t")]
    [InlineData("\n27000\t")]
    [InlineData("\n24000\t")]
    [InlineData("\n21000\t")]
    public async Task A_row_that_the_server_refuses_fails_the_load_in_whichever_session(string row)
    {
        var text = Encoding.UTF8.GetString(await DumpAsync(17));
        var at = text.IndexOf(row, text.IndexOf("COPY public.big ", StringComparison.Ordinal), StringComparison.Ordinal);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(async () =>
            await LoadAsync(Encoding.UTF8.GetBytes(text.Insert(at + 1, "wrong")), await servers.NewDatabaseAsync(17), new LoadOptions()));

        Assert.Equal(FailureKind.Failed, thrown.Kind);
        Assert.Contains("invalid input syntax for type integer: \"wrong", thrown.Message);
    }

    [Fact]
    public async Task Rows_that_a_trigger_keeps_out_are_missed()
    {
        var text = Encoding.UTF8.GetString(await DumpAsync(17));
        var at = text.IndexOf("--\n-- Data for Name: before_big", StringComparison.Ordinal);
        var target = await servers.NewDatabaseAsync(17);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(async () => await LoadAsync(Encoding.UTF8.GetBytes(text.Insert(at,
            """
            CREATE FUNCTION public.skip() RETURNS trigger LANGUAGE plpgsql AS $$ begin return case when new.id <> 29990 then new end; end $$;
            CREATE TRIGGER skip BEFORE INSERT ON public.big FOR EACH ROW EXECUTE FUNCTION public.skip();

            """)), target, new LoadOptions()));

        Assert.Contains("rows of public.big were sent and the server took", thrown.Message);
        Assert.Equal(1, await target.AskAsync<long>(Transactions));
    }

    /// <summary>As a hand or another tool writes it: the session that gets such a row waits for the one that got the first of them.</summary>
    [Fact]
    public async Task Rows_that_would_make_one_session_wait_for_the_other_go_to_one()
    {
        var sql = new StringBuilder(
            """
            CREATE TABLE public.big (id int, body text);
            CREATE FUNCTION public.turn() RETURNS trigger LANGUAGE plpgsql AS $$ begin if new.id < 0 then perform pg_advisory_xact_lock(4711, (select oid::int from pg_class where oid = 'public.big'::regclass)); end if; return new; end $$;
            CREATE TRIGGER turn BEFORE INSERT ON public.big FOR EACH ROW EXECUTE FUNCTION public.turn();
            COPY public.big (id, body) FROM stdin;

            """);
        sql.Append("-1\tfirst\n");
        for (var i = 0; i < 6; i++)
        {
            for (var row = 0; row < 3000; row++) sql.Append(row).Append('\t').Append('x', 1000).Append('\n');
            sql.Append("-1\twaits\n1\t").Append('y', 12 << 20).Append('\n');
        }
        sql.Append("\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n");
        var target = await servers.NewDatabaseAsync(17);

        await LoadAsync(Encoding.UTF8.GetBytes(sql.ToString()), target, new LoadOptions()).WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        Assert.Equal((18_013, 1), (await target.AskAsync<long>("select count(*) from big"), await target.AskAsync<long>(Transactions)));
    }

    [Theory]
    [Trait(Matrix.Runs, Matrix.Full)]
    [InlineData("ALTER TABLE public.big ADD UNIQUE (id);", 1)]
    [InlineData("ALTER TABLE public.big ADD EXCLUDE USING btree (id WITH =);", 1)]
    [InlineData("CREATE INDEX ON public.big (made);", 1)]
    [InlineData("CREATE TABLE public.other (id int PRIMARY KEY); ALTER TABLE public.big ADD other int REFERENCES public.other;", 1)]
    [InlineData("CREATE RULE nothing AS ON DELETE TO public.big DO INSTEAD NOTHING;", 1)]
    [InlineData("CREATE FUNCTION public.fine(int) RETURNS boolean LANGUAGE sql AS 'select true'; ALTER TABLE public.big ADD CHECK (public.fine(id));", 1)]
    [InlineData("CREATE FUNCTION public.fine(text) RETURNS boolean LANGUAGE sql AS 'select true'; CREATE DOMAIN public.fine AS text CHECK (public.fine(value)); ALTER TABLE public.big ALTER note TYPE public.fine;", 1)]
    [InlineData("CREATE FUNCTION public.one() RETURNS int LANGUAGE sql AS 'select 1'; ALTER TABLE public.big ADD one int DEFAULT public.one();", 1)]
    [InlineData("ALTER TABLE public.big ADD CHECK (id <> 0 AND length(note) >= 0), ADD twice bigint GENERATED ALWAYS AS (id * 2) STORED, ADD n int GENERATED ALWAYS AS IDENTITY;", 2)]
    [InlineData("CREATE DOMAIN public.fine AS text CHECK (value <> 'x'); ALTER TABLE public.big ALTER note TYPE public.fine;", 2)]
    [InlineData("ALTER TABLE public.big SET UNLOGGED;", 2)]
    public async Task Only_a_table_whose_rows_mean_nothing_to_one_another_is_split(string beforeTheRows, int sessions)
    {
        var text = Encoding.UTF8.GetString(await DumpAsync(17));
        var at = text.IndexOf("--\n-- Data for Name: before_big", StringComparison.Ordinal);
        var target = await servers.NewDatabaseAsync(17);

        await LoadAsync(Encoding.UTF8.GetBytes(text.Insert(at, beforeTheRows + "\n\n")), target, new LoadOptions());

        Assert.Equal((30_006, sessions), (await target.AskAsync<long>("select count(*) from big"), await target.AskAsync<long>(Transactions)));
    }

    [Theory]
    [InlineData("public.part", 2)]
    [InlineData("public.root", 1)]
    public async Task A_partition_is_split_and_what_goes_through_its_root_is_not(string into, int sessions)
    {
        var origin = await servers.NewDatabaseAsync(17,
            "create table root (id int, body text) partition by range (id); create table part partition of root default; insert into root select n, repeat(md5(n::text), 20) from generate_series(1, 30000) n");
        var text = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(origin));
        var target = await servers.NewDatabaseAsync(17);

        await LoadAsync(Encoding.UTF8.GetBytes(text.Replace("COPY public.part ", $"COPY {into} ", StringComparison.Ordinal)), target, new LoadOptions());

        Assert.Equal((30_000, sessions), (await target.AskAsync<long>("select count(*) from root"), await target.AskAsync<long>("select count(distinct xmin::text) from part")));
    }

    [Fact]
    public async Task Where_the_server_gives_no_second_connection_one_serves()
    {
        var target = await servers.NewDatabaseAsync(17);
        var maintenance = target.WithDatabase("postgres");
        var closed = false;
        var progress = new OnProgress(read =>
        {
            // The first session is connected by then, and the second not yet asked for.
            if (closed || read.SqlBytes < 6 << 20) return;
            closed = true;
            maintenance.ExecuteAsync($"alter database {target.Database} allow_connections false").GetAwaiter().GetResult();
        });

        await LoadAsync(await DumpAsync(17), target, new LoadOptions(), progress);

        await maintenance.ExecuteAsync($"alter database {target.Database} allow_connections true");
        Assert.Equal((true, 1), (closed, await target.AskAsync<long>(Transactions)));
    }

    private async Task<byte[]> DumpAsync(int major) => await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(major, Large));

    private static async Task<LoadResult> LoadAsync(byte[] sql, DatabaseUrl target, LoadOptions options, IProgress<RestoreProgress>? progress = null)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        return await new DumpLoader(clients).LoadAsync(await DumpFiles.FileAsync(sql), target, options, progress, Cancel);
    }
}
