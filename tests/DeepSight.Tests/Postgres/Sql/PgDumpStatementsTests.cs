using System.Buffers;
using System.Text;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;
using DeepSight.Core.Postgres.Sql;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Postgres.Sql;

/// <summary>What may stand at the top level of a dump that nobody vouches for.</summary>
public sealed class PgDumpStatementsTests(PostgresServers servers)
{
    public static TheoryData<string> Hostile =>
    [
        // Programs and files of the server.
        "COPY (SELECT 'x') TO PROGRAM 'touch /tmp/owned';",
        "COPY public.t FROM PROGRAM 'id';",
        "copy public.t to program 'id';",
        "COPY public.t FROM '/etc/passwd';",
        "COPY (SELECT 1) TO '/tmp/x';",
        "COPY public.t TO STDOUT;",
        "/* a */ CoPy\n-- b\npublic.t (a) from program E'i\\x64';",
        "COPY public.t FROM stdin WHERE pg_read_file('/etc/passwd') > '';\n\\.\n",
        "COPY pg_catalog.pg_authid FROM stdin;\n\\.\n",
        "COPY \"pg_catalog\".pg_proc FROM stdin;\n\\.\n",
        "COPY pg_authid (rolname) FROM stdin;\n\\.\n",
        "INSERT INTO public.t VALUES (pg_read_file('/etc/passwd'));",
        "INSERT INTO public.t VALUES (\"pg_read_file\"('/etc/passwd'));",
        "INSERT INTO public.t VALUES (U&\"pg_read_file\"('/etc/passwd'));",
        "INSERT INTO public.t SELECT pg_read_file('/etc/passwd');",
        "INSERT INTO public.t (SELECT pg_read_file('/etc/passwd'));",
        "INSERT INTO public.t WITH x AS (SELECT 1) SELECT pg_read_file('/etc/passwd') FROM x;",
        "INSERT INTO public.t TABLE public.other;",
        "INSERT INTO public.t VALUES (1) RETURNING pg_read_file('/etc/passwd');",
        "INSERT INTO public.t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = pg_read_file('/etc/passwd');",
        "INSERT INTO pg_catalog.pg_authid VALUES (1, 'x', true);",
        "INSERT INTO pg_authid VALUES (1, 'x', true);",
        "WITH x AS (INSERT INTO public.t VALUES (1)) SELECT 1;",
        "CREATE TABLE public.loot AS SELECT pg_read_file('/etc/passwd');",
        "CREATE TABLE public.loot (a) AS SELECT pg_read_file('/etc/passwd');",
        "CREATE UNLOGGED TABLE public.loot AS TABLE pg_catalog.pg_authid;",
        "CREATE TEMP TABLE loot (a int);",
        "SELECT * INTO public.loot FROM pg_catalog.pg_authid;",
        "SELECT pg_catalog.pg_read_file('/etc/passwd');",
        "SELECT lo_export(1, '/tmp/x');",
        "SELECT pg_catalog.lo_import('/etc/passwd');",
        "LOAD '/tmp/evil.so';",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE c AS '/tmp/evil', 'f';",
        "CREATE OR REPLACE FUNCTION public.f() RETURNS int AS '$libdir/../../tmp/evil', 'f' LANGUAGE 'C';",
        "CREATE FUNCTION public.f() RETURNS int AS 'evil', 'f' LANGUAGE \"c\";",
        "CREATE PROCEDURE public.f() AS $$/tmp/evil$$, 'f' LANGUAGE c;",
        // Roles and their powers.
        "CREATE ROLE boss SUPERUSER LOGIN;",
        "create user boss superuser;",
        "CREATE GROUP boss;",
        "ALTER ROLE postgres PASSWORD 'x';",
        "ALTER USER postgres SUPERUSER;",
        "DROP ROLE postgres;",
        "GRANT postgres TO app;",
        "GRANT app, pg_execute_server_program TO app WITH ADMIN OPTION;",
        "REVOKE app FROM postgres;",
        "GRANT SET ON PARAMETER log_statement TO app;",
        "GRANT ALL ON TABLESPACE pg_default TO app;",
        "SET ROLE postgres;",
        "SET SESSION ROLE postgres;",
        "SET LOCAL role TO postgres;",
        "RESET ROLE;",
        "RESET ALL;",
        "COMMENT ON ROLE postgres IS 'x';",
        "SECURITY LABEL ON ROLE postgres IS 'x';",
        // The server and its other databases.
        "ALTER SYSTEM SET archive_command = 'touch /tmp/owned';",
        "CREATE DATABASE other;",
        "DROP DATABASE other;",
        "ALTER DATABASE other SET search_path = evil;",
        "CREATE TABLESPACE t LOCATION '/tmp';",
        "SELECT public.dblink_exec('dbname=postgres', 'CREATE TABLE x()');",
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity;",
        "SELECT pg_reload_conf();",
        "CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p;",
        "CREATE SUBSCRIPTION s CONNECTION 'host=evil' PUBLICATION p WITH (connect = true);",
        "ALTER SUBSCRIPTION s REFRESH PUBLICATION;",
        "IMPORT FOREIGN SCHEMA public FROM SERVER s INTO public;",
        "CREATE SCHEMA x CREATE TABLE y (a int);",
        // Settings that change what comes after.
        "SET session_replication_role = replica;",
        "SET log_statement = 'none';",
        "SET allow_system_table_mods = on;",
        "SET dynamic_library_path = '/tmp';",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;",
        "SET TRANSACTION SNAPSHOT '1';",
        "SELECT pg_catalog.set_config('session_preload_libraries', '/tmp/evil', false);",
        "SELECT pg_catalog.set_config('search' || '_path', '', false);",
        // Calls that only look like pg_dump's.
        "SELECT pg_catalog.setval('public.s', (SELECT 1));",
        "SELECT pg_catalog.setval('public.s', public.evil());",
        "SELECT pg_catalog.setval('public.s', 1), public.evil();",
        "SELECT pg_catalog.setval('public.s', 1) FROM public.evil();",
        "SELECT setval('public.s', 1);",
        "SELECT public.setval('public.s', 1);",
        "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata;",
        "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid = '1' OR true;",
        "SELECT pg_catalog.lowrite(0, pg_catalog.pg_read_binary_file('/etc/passwd'));",
        "SELECT pg_catalog.lo_create('1'::public.evil(3));",
        // A string that ends elsewhere once backslashes escape.
        "SET standard_conforming_strings = off;\nSELECT pg_catalog.setval('a\\', 1, true) -- ', 1), pg_read_file('/etc/passwd');\n;",
        "SET standard_conforming_strings = off;\nCREATE FUNCTION public.f() RETURNS int AS 'a\\' LANGUAGE sql AS ', '/tmp/evil' LANGUAGE c;",
        // Everything else.
        "DO $$ BEGIN EXECUTE 'CREATE ROLE boss SUPERUSER'; END $$;",
        "do language plpgsql 'begin end';",
        "CALL public.evil();",
        "SELECT public.evil();",
        "VALUES (public.evil());",
        "TABLE pg_catalog.pg_authid;",
        "EXPLAIN ANALYZE SELECT public.evil();",
        "PREPARE p AS SELECT public.evil();",
        "EXECUTE p;",
        "DECLARE c CURSOR FOR SELECT public.evil();",
        "UPDATE pg_catalog.pg_authid SET rolsuper = true;",
        "DELETE FROM public.t;",
        "TRUNCATE public.t;",
        "MERGE INTO public.t USING public.o ON true WHEN MATCHED THEN DELETE;",
        "LOCK TABLE public.t;",
        "VACUUM FULL;",
        "ANALYZE;",
        "CLUSTER;",
        "REINDEX DATABASE postgres;",
        "CHECKPOINT;",
        "DISCARD ALL;",
        "LISTEN x;",
        "NOTIFY x;",
        "START TRANSACTION;",
        "BEGIN ISOLATION LEVEL SERIALIZABLE;",
        "END;",
        "SAVEPOINT s;",
        "(SELECT public.evil());",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_pg_dump_does_not_write_is_refused_before_it_is_passed_on(string statement)
    {
        var (thrown, passed) = Filter(Encoding.UTF8.GetBytes("SET statement_timeout = 0;\n\n" + statement + "\n"), chunk: 1 << 20);

        Assert.Equal(FailureKind.Refused, thrown?.Kind);
        Assert.Matches("line [0-9]", thrown!.Message);
        Assert.NotNull(thrown.Hint);
        Assert.Empty(passed);
        Assert.NotNull(Filter(Encoding.UTF8.GetBytes(statement), chunk: 1).Thrown);
    }

    [Fact]
    public void An_INSERT_longer_than_any_head_is_judged_whole()
    {
        var values = "INSERT INTO public.t (a) VALUES ('" + new string('x', SqlScanner.HeadLimit + 10) + "')";

        Assert.Null(Filter(Encoding.UTF8.GetBytes(values + ";"), 1 << 16).Thrown);
        Assert.Equal(FailureKind.Refused, Filter(Encoding.UTF8.GetBytes(values + ", (pg_read_file('/etc/passwd'));"), 1 << 16).Thrown?.Kind);
        var function = "CREATE FUNCTION public.f(a text DEFAULT '" + new string('x', SqlScanner.HeadLimit + 10) + "') RETURNS text LANGUAGE c AS '/tmp/x', 'y';";
        Assert.Equal(FailureKind.Refused, Filter(Encoding.UTF8.GetBytes(function), 1 << 16).Thrown?.Kind);
    }

    public static TheoryData<int, string> Options
    {
        get
        {
            var all = new TheoryData<int, string>();
            string[] sample =
            [
                "", "--clean --if-exists --inserts --use-set-session-authorization", "--column-inserts --rows-per-insert=3 --on-conflict-do-nothing --quote-all-identifiers",
                "--no-owner --no-acl --no-comments --disable-dollar-quoting --clean", "--data-only --disable-triggers --load-via-partition-root",
            ];
            string[] whole =
            [
                .. sample, "--data-only", "--schema-only", "--clean", "--clean --if-exists", "--inserts", "--column-inserts", "--rows-per-insert=2",
                "--inserts --on-conflict-do-nothing", "--quote-all-identifiers", "--use-set-session-authorization", "--enable-row-security", "--no-comments",
                "--no-owner", "--no-acl", "--no-owner --no-acl", "--disable-dollar-quoting", "--serializable-deferrable", "--no-publications",
                "--no-security-labels", "--no-subscriptions", "--no-tablespaces", "--no-unlogged-table-data", "--section=pre-data", "--section=data",
                "--section=post-data", "--no-blobs", "--blobs --schema=public", "--exclude-schema=public", "--extra-float-digits=3", "--no-sync", "--table=public.part",
                "--encoding=UTF8", "--lock-wait-timeout=10s", "--verbose", "--clean --quote-all-identifiers --use-set-session-authorization --inserts",
            ];
            string[] newest = ["--statistics-only", "--statistics", "--no-policies", "--no-data", "--no-schema", "--sequence-data --schema-only", "--no-table-access-method --no-toast-compression"];
            foreach (var options in Matrix.IsFull ? [.. whole, .. newest] : (string[])[.. sample, newest[1]]) all.Add(18, options);
            if (!Matrix.IsFull) return all;
            foreach (var options in whole) all.Add(17, options);
            foreach (var options in whole) all.Add(15, options);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Every_plain_dump_by_pg_dump_passes_without_a_word(int major, string options)
    {
        var zoo = await ZooAsync(major);

        var dump = await RunAsync(major, "pg_dump", [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--dbname=" + zoo.Whole()], null);

        var (thrown, passed) = Filter(dump, chunk: 1 << 16);
        Assert.Null(thrown);
        Assert.True(passed.Length > 0, "Nothing was dumped.");
    }

    private static readonly Dictionary<int, Task<DatabaseUrl>> Zoos = [];

    /// <summary>One of everything: what the sample dump holds.</summary>
    private Task<DatabaseUrl> ZooAsync(int major)
    {
        lock (Zoos)
        {
            if (!Zoos.TryGetValue(major, out var zoo)) Zoos.Add(major, zoo = MakeAsync());
            return zoo;
        }

        async Task<DatabaseUrl> MakeAsync()
        {
            var database = await servers.NewDatabaseAsync(major);
            await database.ExecuteAsync("""
                do $$ begin create role alice; exception when duplicate_object then null; end $$;
                do $$ begin create role "Bob, Jr."; exception when duplicate_object then null; end $$;
                """);
            await using var resource = typeof(PgDumpStatementsTests).Assembly.GetManifestResourceStream("everything.sql")!;
            using var sql = new MemoryStream();
            await resource.CopyToAsync(sql, CancellationToken.None);
            await RunAsync(major, "psql", ["-X", "-q", "--dbname=" + database.Whole()], sql.ToArray());
            await database.ExecuteAsync("analyze");
            return database;
        }
    }

    private static async Task<byte[]> RunAsync(int major, string program, string[] arguments, byte[]? input)
    {
        await using var process = ToolProcess.Start(new ToolCommand
        {
            Name = program,
            Program = Path.Combine(Clone.Bundles, $"server/{major}/bin/{program}"),
            Arguments = arguments,
            WithInput = input is not null,
        }, CancellationToken.None);
        using var output = new MemoryStream();
        var reading = process.Output.CopyToAsync(output, CancellationToken.None);
        if (input is not null)
        {
            await process.Input.WriteAsync(input, CancellationToken.None);
            await process.Input.DisposeAsync();
        }
        await reading;
        await process.WaitForSuccessAsync();
        return output.ToArray();
    }

    private static (DeepSightException? Thrown, byte[] Passed) Filter(byte[] sql, int chunk)
    {
        var output = new ArrayBufferWriter<byte>();
        var filter = new SqlFilter(new SqlFilterRules { KeepTransaction = true, RefuseMetaCommands = true, WithinDatabase = true, OnlyPgDumps = true }, output);
        try
        {
            foreach (var part in sql.Chunk(chunk)) filter.Append(part);
            filter.Complete();
        }
        catch (DeepSightException e)
        {
            return (e, output.WrittenSpan.ToArray());
        }
        return (null, output.WrittenSpan.ToArray());
    }
}
