using System.Text;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Restore.Loading;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Restore.Loading;

/// <summary>Indexes, keys and foreign keys that are built over several sessions.</summary>
public sealed class BuildSchedulerTests(PostgresServers servers)
{
    /// <summary>Names that need quotes, foreign keys crosswise and onto partitions, and all that is said about indexes and keys.</summary>
    private const string Schema =
        """
        create table a (id int primary key, b int unique, note text not null);
        create table "B c" (id int primary key, a int references a, self int references "B c");
        alter table a add constraint crosswise foreign key (b) references "B c" deferrable;
        create table part (id int, a int, primary key (id)) partition by range (id);
        create table part_1 partition of part for values from (0) to (30000);
        create table part_2 partition of part default;
        create table onto_part (id int references part, p int references part_1, note text);
        alter table part add constraint from_part foreign key (a) references a;
        create index by_note on a (lower(note)) where id % 2 = 0;
        create index by_a on part (a) include (id);
        create unique index identity on a (note, id);
        alter table a replica identity using index identity;
        alter table "B c" cluster on "B c_pkey";
        alter index by_note alter column 1 set statistics 7;
        comment on index by_note is 'a comment; with a semicolon';
        comment on constraint crosswise on a is 'another';
        create materialized view seen as select id, count(*) from a group by id;
        create unique index on seen (id);
        create function late(int) returns int language sql immutable as 'select $1';
        create index by_late on onto_part (late(id));
        insert into "B c" select n from generate_series(1, 40000) n;
        insert into a select n, n, 'note ' || n from generate_series(1, 40000) n;
        update "B c" set a = id, self = id;
        insert into part select n, n from generate_series(1, 40000) n;
        insert into onto_part select n, n, 'x' from generate_series(1, 20000) n;
        refresh materialized view seen;
        """;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(14, 2)]
    [InlineData(18, 5)]
    public async Task What_is_built_over_several_sessions_is_what_was_dumped(int major, int sessions)
    {
        var origin = await servers.NewDatabaseAsync(major, Schema);
        var sql = await DumpFiles.MakeAsync(origin);
        var target = await servers.NewDatabaseAsync(major);

        var result = await LoadAsync(sql, target, sessions);

        Assert.Equal(140_000, result.Summary.Rows);
        Assert.Equal(WithoutKeys(sql), WithoutKeys(await DumpFiles.MakeAsync(target)));
    }

    /// <summary>Either index can be built only while the other is: each waits for the other's session in the function that it is made of.</summary>
    [Theory]
    [InlineData("create index one on a (meet(id, 1, 2)) where id = 1; create index two on b (meet(id, 2, 1)) where id = 1")]
    [InlineData("create index one on a (meet(id, 1, 2)) where id = 1; create index two on a (meet(id, 2, 1)) where id = 1")]
    public async Task Indexes_of_several_tables_and_of_one_are_built_at_once(string indexes)
    {
        var origin = await servers.NewDatabaseAsync(18);
        await origin.ExecuteAsync(
            $$"""
            create function meet(id int, me int, other int) returns int immutable language plpgsql as $$
            begin
              if current_database() = '{{origin.Database}}' then return id; end if;
              perform pg_advisory_lock(me);
              for i in 1..1200 loop
                if exists (select from pg_locks where locktype = 'advisory' and objid = other and database = (select oid from pg_database where datname = current_database())) then return id; end if;
                perform pg_sleep(0.05);
              end loop;
              raise exception 'alone';
            end $$;
            create table a (id int);
            create table b (id int);
            {{indexes}};
            insert into a select generate_series(1, 30000);
            insert into b select generate_series(1, 30000);
            """);

        await LoadAsync(await DumpFiles.MakeAsync(origin), await servers.NewDatabaseAsync(18), sessions: 2);
    }

    [Fact]
    public async Task A_key_that_can_t_be_built_fails_the_load_with_what_the_server_says()
    {
        var sql = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(18, Schema))).Replace("\n39999\t39999\tnote 39999\n", "\n39999\t39998\tnote 39999\n", StringComparison.Ordinal);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(async () => await LoadAsync(Encoding.UTF8.GetBytes(sql), await servers.NewDatabaseAsync(18), sessions: 3));

        Assert.Equal((FailureKind.Failed, "23505"), (thrown.Kind, thrown.SqlState));
        Assert.Contains("could not create unique index \"a_b_key\"", thrown.Message, StringComparison.Ordinal);
    }

    /// <summary>A file by hand in a transaction, whose tables other sessions don't see.</summary>
    [Fact]
    public async Task Within_a_transaction_of_the_file_s_own_one_session_builds_all()
    {
        var target = await servers.NewDatabaseAsync(18);
        var sql = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(18, Schema)));
        var at = sql.IndexOf("CREATE TABLE", StringComparison.Ordinal);

        await LoadAsync(Encoding.UTF8.GetBytes(sql.Insert(at, "BEGIN;\n").Replace("\n--\n-- PostgreSQL database dump complete", "\nCOMMIT;\n\n--\n-- PostgreSQL database dump complete", StringComparison.Ordinal)), target, sessions: 4);

        Assert.Equal(40_000, await target.AskAsync<long>("select count(*) from a"));
    }

    [Fact]
    public async Task A_key_that_a_hand_made_of_an_index_finds_that_index()
    {
        var sql = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(18, "create table a (id int primary key, b int); insert into a select n, n from generate_series(1, 60000) n")));
        var target = await servers.NewDatabaseAsync(18);

        await LoadAsync(Encoding.UTF8.GetBytes(sql.Replace("ALTER TABLE ONLY public.a\n    ADD CONSTRAINT a_pkey PRIMARY KEY (id);",
            "CREATE INDEX by_b ON public.a (b);\nCREATE UNIQUE INDEX by_id ON public.a (id);\nALTER TABLE ONLY public.a ADD CONSTRAINT a_pkey PRIMARY KEY USING INDEX by_id;", StringComparison.Ordinal)), target, sessions: 3);

        Assert.Equal(2, await target.AskAsync<long>("select count(*) from pg_index where indrelid = 'a'::regclass"));
    }

    /// <summary>It is passed on before its end is read, and psql must not get anything of another's in its middle.</summary>
    [Theory]
    [InlineData(70_000)]
    [InlineData(5_000_000)]
    public async Task A_long_statement_comes_after_the_keys_that_it_needs(int length)
    {
        var sql = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(18, "create table a (id int primary key, b int); create index by_b on a (b); insert into a select n, n from generate_series(1, 60000) n")));
        var text = string.Concat(Enumerable.Repeat("\\echo;\n", length / 7));
        var target = await servers.NewDatabaseAsync(18);

        await LoadAsync(Encoding.UTF8.GetBytes(sql.Replace("\n--\n-- PostgreSQL database dump complete",
            $"\nCREATE VIEW public.grouped AS SELECT id, b, '{text}'::text AS note FROM public.a GROUP BY id;\n\n--\n-- PostgreSQL database dump complete", StringComparison.Ordinal)), target, sessions: 2);

        Assert.Equal(text, await target.AskAsync<string>("select note from grouped limit 1"));
    }

    [Fact]
    public async Task Each_index_is_built_under_what_was_set_before_it()
    {
        var target = await servers.NewDatabaseAsync(18);
        await using (var connection = await PostgresServer.ConnectAsync(target, "deepsight tests", Cancelled))
        {
            await connection.ExecuteAsync("set allow_in_place_tablespaces = on");
            await connection.ExecuteAsync("drop tablespace if exists elsewhere");
            await connection.ExecuteAsync("create tablespace elsewhere location ''");
        }
        var sql = Encoding.UTF8.GetString(await DumpFiles.MakeAsync(await servers.NewDatabaseAsync(18,
            "create table a (id int, b int); create index one on a (b); create index three on a (b); create index two on a (b); create index zero on a (b); insert into a select n, n from generate_series(1, 60000) n")));

        await LoadAsync(Encoding.UTF8.GetBytes(sql
            .Replace("CREATE INDEX three", "SET default_tablespace = elsewhere;\nCREATE INDEX three", StringComparison.Ordinal)
            .Replace("CREATE INDEX zero", "SET default_tablespace = '';\nCREATE INDEX zero", StringComparison.Ordinal)), target, sessions: 3);

        Assert.Equal("one, three: elsewhere, two: elsewhere, zero", await target.AskAsync<string>(
            "select string_agg(c.relname || coalesce(': ' || s.spcname, ''), ', ' order by c.relname) from pg_class c left join pg_tablespace s on s.oid = c.reltablespace where c.relkind = 'i' and c.relnamespace = 'public'::regnamespace"));
        await target.ExecuteAsync("drop table a");
        await target.ExecuteAsync("drop tablespace elsewhere");
    }

    private static string WithoutKeys(byte[] sql) =>
        string.Join('\n', Encoding.UTF8.GetString(sql).Split('\n').Where(line => !line.StartsWith("\\restrict", StringComparison.Ordinal) && !line.StartsWith("\\unrestrict", StringComparison.Ordinal)));

    private static async Task<LoadResult> LoadAsync(byte[] sql, DatabaseUrl target, int sessions)
    {
        using var clients = new PostgresClients(new DatabaseSettings());
        return await new DumpLoader(clients).LoadAsync(await DumpFiles.FileAsync(sql), target, new LoadOptions { Sessions = sessions }, null, Cancelled);
    }
}
