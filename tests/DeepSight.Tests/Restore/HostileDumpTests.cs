using System.Text;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Restore;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Restore;

/// <summary>Dumps that somebody else wrote on purpose: whatever they hold, no program runs, no role is made, and other databases stay as they were.</summary>
public sealed class HostileDumpTests(PostgresServers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>What the code does; <c>{0}</c> is a file that only a program on the server can make, <c>{1}</c> a role, <c>{2}</c> the target.</summary>
    public static readonly Dictionary<string, string> Payloads = new()
    {
        ["program"] = "COPY (SELECT 1) TO PROGRAM 'touch {0}'",
        ["role"] = "CREATE ROLE {1} SUPERUSER",
        ["reset"] = "RESET SESSION AUTHORIZATION; RESET ROLE; CREATE ROLE {1} SUPERUSER",
        ["member"] = "SET ROLE postgres; CREATE ROLE {1} SUPERUSER",
        ["catalog"] = "UPDATE pg_catalog.pg_authid SET rolcanlogin = false WHERE rolname = 'postgres'",
        ["file"] = "CREATE TABLE public.loot AS SELECT pg_catalog.pg_read_file('/etc/passwd')",
        ["sessions"] = "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE application_name = 'bystander'",
        ["export"] = "SELECT pg_catalog.lo_export(pg_catalog.lo_from_bytea(0, 'x'), '{0}')",
    };

    /// <summary>Where it hides; <c>public.evil()</c> is what runs it.</summary>
    public static readonly Dictionary<string, string> Places = new()
    {
        ["check"] = "CREATE TABLE public.t (a integer, CHECK (public.evil() > 0));\nCOPY public.t (a) FROM stdin;\n1\n\\.\n",
        ["default"] = "CREATE TABLE public.t (a integer, b integer DEFAULT public.evil());\nCOPY public.t (a) FROM stdin;\n1\n\\.\n",
        ["generated"] = "CREATE TABLE public.t (a integer, b integer GENERATED ALWAYS AS (public.evil()) STORED);\nCOPY public.t (a) FROM stdin;\n1\n\\.\n",
        ["index"] = "CREATE TABLE public.t (a integer);\nCOPY public.t (a) FROM stdin;\n1\n\\.\nCREATE INDEX i ON public.t ((a + public.evil()));\n",
        ["trigger"] = "CREATE TABLE public.t (a integer);\nCREATE TRIGGER g BEFORE INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.evil_trigger();\n"
            + "INSERT INTO public.t VALUES (1);\n",
        ["view"] = "CREATE MATERIALIZED VIEW public.v AS SELECT public.evil() AS a WITH NO DATA;\nREFRESH MATERIALIZED VIEW public.v;\n",
        ["domain"] = "CREATE DOMAIN public.d AS integer CHECK (VALUE < public.evil() + 9);\nCREATE TABLE public.t (a public.d);\nCOPY public.t (a) FROM stdin;\n1\n\\.\n",
        ["rule"] = "CREATE TABLE public.t (a integer);\nCREATE RULE r AS ON INSERT TO public.t DO ALSO SELECT public.evil();\nINSERT INTO public.t VALUES (1);\n",
        ["constraint"] = "CREATE TABLE public.t (a integer);\nCOPY public.t (a) FROM stdin;\n1\n\\.\nALTER TABLE ONLY public.t\n    ADD CONSTRAINT c CHECK (public.evil() > 0);\n",
        ["records"] = "CREATE SCHEMA deepsight;\nCREATE TABLE deepsight.restores (request_id text PRIMARY KEY CHECK (public.evil() > 0), backup text, mode text, "
            + "restored_at timestamp with time zone, restored_by text);\n",
        // What the planner computes when the table is only read: at the next restore.
        ["records' index"] = "CREATE SCHEMA deepsight;\nCREATE TABLE deepsight.restores (request_id text PRIMARY KEY, backup text, mode text, "
            + "restored_at timestamp with time zone DEFAULT now(), restored_by text);\nCREATE INDEX j ON deepsight.restores USING btree ((public.evil()));\n",
        ["deferred"] = "CREATE TABLE public.t (a integer);\nCREATE CONSTRAINT TRIGGER g AFTER INSERT ON public.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            + "EXECUTE FUNCTION public.evil_trigger();\nCOPY public.t (a) FROM stdin;\n1\n\\.\n",
        // Puts itself off again whenever it is run.
        ["again"] = "CREATE TABLE public.t (a integer);\nCREATE FUNCTION public.later() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN PERFORM public.evil_as_owner(); SET CONSTRAINTS ALL DEFERRED; "
            + "IF NEW.a < 9 THEN INSERT INTO public.t VALUES (NEW.a + 1); END IF; RETURN NEW; END$f$;\nCREATE CONSTRAINT TRIGGER g AFTER INSERT ON public.t DEFERRABLE INITIALLY DEFERRED "
            + "FOR EACH ROW EXECUTE FUNCTION public.later();\nCOPY public.t (a) FROM stdin;\n1\n\\.\n",
        ["cursor"] = Once("EXECUTE 'DECLARE late CURSOR WITH HOLD FOR SELECT public.evil_as_owner()'"),
        ["early end"] = Once("EXECUTE (SELECT pg_catalog.format('SELECT %I.finish(''0'')', nspname) FROM pg_catalog.pg_namespace WHERE nspname LIKE 'deepsight_load_%'); PERFORM public.evil_as_owner()"),
        ["discard"] = Once("EXECUTE 'DISCARD TEMP'; EXECUTE 'CREATE TEMP VIEW deepsight_refused AS SELECT ''x''::text AS statement, public.evil()::text AS reason'"),
        // Whatever runs with a superuser's rights and takes a text.
        ["helper"] = Once("DECLARE helper regprocedure; BEGIN FOR helper IN SELECT oid FROM pg_catalog.pg_proc WHERE prosecdef AND proargtypes = '25' "
            + "AND pg_catalog.has_function_privilege(oid, 'execute') LOOP BEGIN EXECUTE pg_catalog.format('SELECT %s(''SELECT public.evil_work()'')', helper::regproc); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END"),
        ["search path"] = "CREATE FUNCTION public.joined(text, text) RETURNS text LANGUAGE plpgsql AS $f$BEGIN PERFORM public.evil_as_owner(); RETURN $1; END$f$;\n"
            + "CREATE OPERATOR public.|| (FUNCTION = public.joined, LEFTARG = text, RIGHTARG = text);\n"
            + Once("PERFORM pg_catalog.set_config('search_path', 'public, pg_catalog', false); PERFORM pg_catalog.set_config('standard_conforming_strings', 'off', false)"),
        ["temporary"] = Once("CREATE TEMP TABLE pg_roles AS SELECT 'postgres'::text AS rolname; CREATE TEMP TABLE deepsight_refused (statement text CHECK (public.evil() > 0), reason text); "
            + "CREATE FUNCTION pg_temp.deepsight_as(statement text) RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM public.evil_as_owner(); END'"),
    };

    /// <summary>A CHECK that does it while the row is loaded.</summary>
    private static string Once(string statements) =>
        $"CREATE FUNCTION public.once() RETURNS integer LANGUAGE plpgsql AS $f$BEGIN BEGIN {statements}; EXCEPTION WHEN OTHERS THEN NULL; END; RETURN 1; END$f$;\n"
        + "CREATE TABLE public.t (a integer, CHECK (public.once() > 0));\nCOPY public.t (a) FROM stdin;\n1\n\\.\n";

    public static TheoryData<string, string> Hidden
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var (row, place) in Places.Keys.Index())
                foreach (var (column, payload) in Payloads.Keys.Index())
                    // Each place and each payload at least once; all pairs in the full matrix.
                    if (Matrix.IsFull || column == row % Payloads.Count || (place == "check" && payload is "program" or "reset" or "role")) all.Add(place, payload);
            return all;
        }
    }

    /// <summary>Of a superuser's restores and drills, the load is another role's.</summary>
    [Theory]
    [MemberData(nameof(Hidden))]
    public async Task Code_inside_a_dump_may_do_nothing_beyond_its_database(string place, string payload)
    {
        var world = await World.NewAsync(servers);
        var dump = world.Dump(place, payload);

        await world.TryRestoreAsync(dump, RestoreMode.Swap, asOwner: false);
        await world.TryRestoreAsync(dump, RestoreMode.Into, asOwner: false);
        await world.TryDrillAsync(dump, await servers.NewDrillRoleAsync(17));
        await world.TryDrillAsync(dump, null);
        await world.TryRestoreAsync(dump, RestoreMode.InPlace, asOwner: true);
        await world.TryRestoreAsync(dump, RestoreMode.InPlace, asOwner: false);

        await world.AssertUntouchedAsync();
    }

    public static TheoryData<RestoreMode, string> TopLevel
    {
        get
        {
            var all = new TheoryData<RestoreMode, string>();
            string[] statements =
            [
                "COPY (SELECT 1) TO PROGRAM 'touch {0}';", "COPY public.x FROM PROGRAM 'touch {0}';", "CREATE ROLE {1} SUPERUSER;", "GRANT postgres TO {2}_bystander;",
                "DO $$ BEGIN EXECUTE 'CREATE ROLE {1} SUPERUSER'; END $$;", "SET SESSION AUTHORIZATION DEFAULT;\nCREATE ROLE {1} SUPERUSER;",
                "INSERT INTO pg_catalog.pg_authid (rolname) VALUES ('{1}');", "CREATE TABLE public.loot AS SELECT pg_read_file('/etc/passwd');",
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE application_name = 'bystander';",
                "ALTER SYSTEM SET archive_command = 'touch {0}';", "CREATE DATABASE {2}_more;", "\\! touch {0}",
            ];
            foreach (var statement in statements)
            {
                all.Add(RestoreMode.Swap, statement);
                if (Matrix.IsFull || all.Count % 4 == 0) all.Add(RestoreMode.Into, statement);
                all.Add(RestoreMode.InPlace, statement);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(TopLevel))]
    public async Task A_statement_that_pg_dump_does_not_write_is_refused_as_superuser_as_owner_and_in_drills(RestoreMode mode, string statement)
    {
        var world = await World.NewAsync(servers);
        var dump = world.WithStatement(statement);

        Assert.Equal(FailureKind.Refused, (await world.TryRestoreAsync(dump, mode, asOwner: false))?.Kind);
        Assert.Equal(FailureKind.Refused, (await world.TryRestoreAsync(dump, mode, asOwner: true))?.Kind);
        if (mode == RestoreMode.Swap)
        {
            Assert.Equal(FailureKind.Refused, (await world.TryDrillAsync(dump, await servers.NewDrillRoleAsync(17)))?.Kind);
            Assert.Equal(FailureKind.Refused, (await world.TryDrillAsync(dump, null))?.Kind);
        }

        await world.AssertUntouchedAsync();
    }

    [Fact]
    public async Task The_plan_says_whose_rights_a_dump_is_loaded_with_and_why()
    {
        var world = await World.NewAsync(servers);
        var plain = await world.PlanAsync(world.WithStatement(""), RestoreMode.Swap, trust: false);
        var trigger = await world.PlanAsync(world.WithStatement("CREATE FUNCTION public.w() RETURNS event_trigger LANGUAGE plpgsql AS $$begin end$$;\n"
            + "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION public.w();"), RestoreMode.Swap, trust: false);
        var trusted = await world.PlanAsync(world.WithStatement("DO $$ begin end $$;"), RestoreMode.Swap, trust: true);
        var inPlace = await world.PlanAsync(world.WithStatement(""), RestoreMode.InPlace, trust: false);

        Assert.DoesNotContain(plain.Warnings, warning => warning.Contains("rights of", StringComparison.Ordinal));
        Assert.Contains(trigger.Warnings, warning => warning.Contains("event triggers", StringComparison.Ordinal));
        Assert.Contains(trusted.Warnings, warning => warning.Contains("--trust-statements", StringComparison.Ordinal));
        Assert.DoesNotContain(inPlace.Warnings, warning => warning.Contains("rights of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_place_nothing_of_the_loads_role_stays_and_what_was_made_is_ours()
    {
        var super = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        await super.ExecuteAsync($"create role {super.Database}_owner; alter database {super.Database} owner to {super.Database}_owner; revoke all on database {super.Database} from public");
        using var world = new RestoreWorld();
        await world.BackUpAsync(super);

        var result = await world.RestoreAsync(world.Over(super, new RestoreOptions { Force = true, Mode = RestoreMode.InPlace, Clean = true }));

        Assert.DoesNotContain(result.Notes, note => note.Contains("rights of", StringComparison.Ordinal));
        Assert.Equal("postgres", await super.AskAsync<string>("select pg_get_userbyid(relowner) from pg_class where oid = 'public.videos'::regclass"));
        Assert.Equal(0, await super.AskAsync<long>(
            """
            select (select count(*) from pg_namespace where nspname ~ '^deepsight_load_')
                 + (select count(*) from pg_shdepend s join pg_roles r on s.refclassid = 'pg_authid'::regclass and r.oid = s.refobjid
                     where r.rolname ~ '^deepsight_load_' and s.dbid = (select oid from pg_database where datname = current_database()))
            """));
    }

    [Fact]
    public async Task The_role_of_a_load_that_was_killed_goes_with_the_next_job_once_it_can_log_in_no_more_and_owns_nothing()
    {
        var database = await servers.NewDatabaseAsync(17);
        var (old, young, owner) = (NewRole(), NewRole(), NewRole());
        // In one step each: any other job sweeps as well.
        await database.ExecuteAsync(
            $"""
            do $$ begin
              execute format('create role {young} login valid until %L', now() + interval '4 minutes');
              create role {owner} login; create table kept (a int); alter table kept owner to {owner};
              create role {old} login valid until '2020-01-01'; grant postgres to {old}, {young}; grant connect on database {database.Database} to {old};
            end $$
            """);
        using var world = new RestoreWorld();

        await world.BackUpAsync(database);

        Assert.Equal([owner, young], (await database.AskAsync<string>($"select string_agg(rolname, ' ') from pg_roles where rolname in ('{old}', '{young}', '{owner}')")).Split(' ').OrderBy(role => role != owner));
        Assert.Equal(0, await database.AskAsync<long>("select count(*) from kept"));
        await database.ExecuteAsync($"drop role {young}; drop table kept; drop role {owner}");

        static string NewRole() => $"deepsight_load_{Guid.NewGuid().ToString("n")[..8]}";
    }

    [Fact]
    public async Task A_server_that_logs_every_statement_sees_no_row_and_no_password()
    {
        await using var server = await PostgresServers.StartAnotherAsync(17, new Dictionary<string, string> { ["log_statement"] = "all" });
        await server.Url.ExecuteAsync("create database logged");
        var target = server.Url.WithDatabase("logged");
        await target.ExecuteAsync(DumpFiles.Sample + "create table secrets (a text); insert into secrets values (md5('logged') || 'secret row')");
        using var world = new RestoreWorld();
        await world.BackUpAsync(target);
        await world.RestoreAsync(world.Over(target, new RestoreOptions { Force = true, Mode = RestoreMode.Swap }));

        var secret = await target.AskAsync<string>("select a from secrets");
        var log = await File.ReadAllTextAsync(Clone.Log("postgres-17"), Cancelled);

        Assert.Contains("CREATE ROLE deepsight_load_", log, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
        Assert.All(log.Split('\n').Where(line => line.Contains("CREATE ROLE deepsight_load_", StringComparison.Ordinal)),
            line => Assert.Contains("PASSWORD 'SCRAM-SHA-256$4096:", line, StringComparison.Ordinal));
    }

    /// <summary>A target with a bystander's session, and what must not change.</summary>
    private sealed class World
    {
        private readonly DatabaseUrl super;
        private readonly DatabaseUrl owner;
        private readonly string file = Path.Combine(Path.GetTempPath(), "owned_" + Guid.NewGuid().ToString("n"));
        private readonly string role = "boss_" + Guid.NewGuid().ToString("n")[..8];
        private readonly string text;
        private Npgsql.NpgsqlConnection? bystander;

        private World(DatabaseUrl super, DatabaseUrl owner, string text) => (this.super, this.owner, this.text) = (super, owner, text);

        public static async Task<World> NewAsync(PostgresServers servers)
        {
            var (super, owner) = await servers.NewOwnedAsync("createdb");
            var world = new World(super, owner, Encoding.UTF8.GetString(await DumpFiles.MakeAsync(super)))
            {
                bystander = await Core.Postgres.PostgresServer.ConnectAsync(super.WithDatabase("postgres"), "bystander", Cancelled),
            };
            return world;
        }

        public byte[] Dump(string place, string payload)
        {
            var body = string.Concat(Payloads[payload].Replace("{0}", file, StringComparison.Ordinal).Replace("{1}", role, StringComparison.Ordinal)
                .Split("; ").Select(statement => $"EXECUTE $run${statement}$run$; "));
            // Whether it fails or is let pass over its failure, nothing may come of it.
            return WithStatement($"""
                CREATE FUNCTION public.evil_work() RETURNS integer LANGUAGE plpgsql AS $evil$BEGIN BEGIN {body} EXCEPTION WHEN OTHERS THEN NULL; END; RETURN 1; END$evil$;
                CREATE FUNCTION public.evil() RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $evil$BEGIN RETURN public.evil_work(); END$evil$;
                CREATE FUNCTION public.evil_as_owner() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $evil$BEGIN RETURN public.evil(); END$evil$;
                CREATE FUNCTION public.evil_trigger() RETURNS trigger LANGUAGE plpgsql AS $evil$BEGIN PERFORM public.evil(); RETURN NEW; END$evil$;
                {Places[place]}
                """);
        }

        public byte[] WithStatement(string statement)
        {
            statement = statement.Replace("{0}", file, StringComparison.Ordinal).Replace("{1}", role, StringComparison.Ordinal)
                .Replace("{2}", super.Database, StringComparison.Ordinal);
            var at = text.IndexOf("\n--\n-- Name:", StringComparison.Ordinal);
            return Encoding.UTF8.GetBytes(text.Insert(at, "\n" + statement + "\n"));
        }

        /// <returns>How it failed; null when it was restored.</returns>
        public async Task<DeepSightException?> TryRestoreAsync(byte[] dump, RestoreMode mode, bool asOwner)
        {
            using var world = new RestoreWorld();
            var target = asOwner ? owner : super;
            var options = mode switch
            {
                RestoreMode.InPlace => new RestoreOptions { Force = true, Mode = mode, Clean = true },
                RestoreMode.Into => new RestoreOptions { Force = true, Mode = mode, Into = $"{super.Database}_{Guid.NewGuid():n}"[..50] },
                _ => new RestoreOptions { Force = true, Mode = mode },
            };
            try
            {
                await world.RestoreAsync(world.Over(target, await DumpFiles.FileAsync(dump), options));
                return null;
            }
            catch (DeepSightException e)
            {
                return e;
            }
        }

        public async Task<RestorePlan> PlanAsync(byte[] dump, RestoreMode mode, bool trust)
        {
            using var world = new RestoreWorld();
            var options = mode == RestoreMode.InPlace ? new RestoreOptions { Force = true, Mode = mode, Clean = true } : new RestoreOptions { Force = true };
            return (await world.RestoreAsync(world.Over(super, await DumpFiles.FileAsync(dump), options) with { DryRun = true, TrustStatements = trust })).Plan;
        }

        /// <param name="role">null: as <c>verify --on-target</c>, by the superuser.</param>
        public async Task<DeepSightException?> TryDrillAsync(byte[] dump, DatabaseUrl? role)
        {
            using var folder = new TemporaryFolder();
            using var clients = new PostgresClients(new DatabaseSettings());
            var store = new LocalBackupStore(folder.Path, TimeProvider.System);
            var catalog = new BackupCatalog(store, "deepsight");
            await File.WriteAllBytesAsync(Path.Combine(folder.Path, "deepsight_20260212_030000.sql.gz"), DumpFiles.Gzip(dump), Cancelled);
            var entry = (await catalog.ListAsync(Cancelled))[0];
            try
            {
                await new DrillJob(clients, new RestoreSettings(), new RunJournal(TimeProvider.System, NullLogger<RunJournal>.Instance), TimeProvider.System, NullLogger<DrillJob>.Instance)
                    .RestoreAsync(new DrillRequest(catalog, entry, [store], "command"), role ?? super, null, Cancelled);
                return null;
            }
            catch (DeepSightException e)
            {
                return e;
            }
        }

        public async Task AssertUntouchedAsync()
        {
            Assert.False(File.Exists(file), "A program ran on the server.");
            Assert.Equal(1, await bystander!.AskAsync<int>("select 1"));
            await bystander!.DisposeAsync();
            var postgres = super.WithDatabase("postgres");
            Assert.Equal(0, await postgres.AskAsync<long>($"select count(*) from pg_roles where rolname = '{role}'"));
            Assert.True(await postgres.AskAsync<bool>("select rolcanlogin from pg_roles where rolname = 'postgres'"));
            Assert.Equal(0, await postgres.AskAsync<long>($"select count(*) from pg_database where datname = '{super.Database}_more'"));
            Assert.Equal(0, await super.AskAsync<long>("select count(*) from pg_class where relname = 'loot'"));
            Assert.Empty(await RestoreWorld.LeftoversAsync(super));
        }
    }
}
