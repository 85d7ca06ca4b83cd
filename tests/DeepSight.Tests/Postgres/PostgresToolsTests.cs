using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Postgres;

public sealed class PostgresToolsTests(PostgresServers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task A_dump_of_every_server_loads_into_a_server_of_its_own_major(int major)
    {
        var source = await servers.NewDatabaseAsync(major, "create table t (id int primary key, body text); insert into t select i, 'täxt ' || i from generate_series(1, 1000) i");
        var target = await servers.NewDatabaseAsync(major);

        var dump = await DumpAsync(source);
        await LoadAsync(target, dump.Replace("SET transaction_timeout = 0;\n", "", StringComparison.Ordinal));

        Assert.Equal(1000L, await target.AskAsync<long>("select count(*) from t where body like 'täxt %'"));
    }

    [Fact]
    public async Task Dumps_do_not_depend_on_the_settings_of_database_or_role()
    {
        var database = await servers.NewDatabaseAsync(15,
            "create table t (at timestamptz, price money, raw bytea); insert into t values ('2026-02-12 03:00+00', 12.5, '\\x00ff')");
        var plain = WithoutRandomKey(await DumpAsync(database));
        await database.ExecuteAsync(
            $"""
            alter database {database.Database} set bytea_output = 'escape';
            alter database {database.Database} set timezone = 'Asia/Tokyo';
            alter database {database.Database} set lc_monetary = 'C.UTF-8';
            alter database {database.Database} set quote_all_identifiers = on;
            alter role postgres in database {database.Database} set timezone = 'America/New_York';
            """);

        Assert.Equal(plain, WithoutRandomKey(await DumpAsync(database)));
        Assert.Contains("2026-02-12 03:00:00+00\t$12.50\t\\\\x00ff", plain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_bookkeeping_and_other_peoples_names_stay_out_of_dumps()
    {
        var database = await servers.NewDatabaseAsync(17, "create schema deepsight; create table deepsight.hold (); create table t (); grant select on t to public");

        var dump = await DumpAsync(database);

        Assert.Contains("CREATE TABLE public.t", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("deepsight.hold", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("OWNER TO", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("GRANT", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_a_difficult_name_is_dumped()
    {
        var admin = (await servers.GetAsync(15)).Url;
        const string name = @"it's \ ""odd"" dbname=x";
        await admin.ExecuteAsync("create database \"it's \\ \"\"odd\"\" dbname=x\"");

        Assert.Contains("PostgreSQL database dump complete", await DumpAsync(admin.WithDatabase(name)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_stays_locked_ends_the_dump_with_a_hint()
    {
        var database = await servers.NewDatabaseAsync(15, "create table t ()");
        await using var other = await database.OpenAsync();
        await other.ExecuteAsync("begin; lock table t in access exclusive mode");

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => DumpAsync(database, new DumpOptions { LockWait = TimeSpan.FromMilliseconds(200) }));

        Assert.Contains("Query was: LOCK TABLE public.t", failure.Message, StringComparison.Ordinal);
        Assert.Contains("BACKUP_LOCK_TIMEOUT_SECONDS", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_fails_the_tool_without_showing_it()
    {
        var database = await servers.NewDatabaseAsync(15);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => DumpAsync(database with { Password = "wr0ng-s3cret" }));

        Assert.Contains("password authentication failed", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng-s3cret", failure + failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_password_is_in_no_argument_of_any_running_tool()
    {
        var database = await servers.NewDatabaseAsync(15, "create table t (); ");
        await using var blocker = await database.OpenAsync();
        await blocker.ExecuteAsync("begin; lock table t in access exclusive mode");
        var client = await ClientAsync(15);

        await using var dump = PostgresTools.StartDump(database, client, new DumpOptions(), Cancelled);
        await using var psql = PostgresTools.StartPsql(database, client, new PsqlOptions(), Cancelled);
        var lines = new[] { dump.Id, psql.Id }.Select(id => File.ReadAllText($"/proc/{id}/cmdline")).ToList();

        Assert.Contains("pg_dump", lines[0], StringComparison.Ordinal);
        Assert.Contains("psql", lines[1], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.DoesNotContain(database.Password!, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cancelled_dump_leaves_neither_a_process_nor_a_session()
    {
        var database = await servers.NewDatabaseAsync(15, "create table t ()");
        await using var blocker = await database.OpenAsync();
        await blocker.ExecuteAsync("begin; lock table t in access exclusive mode");
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        await using var dump = PostgresTools.StartDump(database, await ClientAsync(15), new DumpOptions(), cancellation.Token);
        const string sessions = "select count(*) from pg_stat_activity where application_name = 'deepsight backup' and datname = current_database()";
        while (await database.AskAsync<long>(sessions) == 0) await Task.Delay(20, Cancelled);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(dump.WaitForSuccessAsync);

        Assert.False(Directory.Exists($"/proc/{dump.Id}"));
        await Eventually.HoldsAsync(async () => await database.AskAsync<long>(sessions) == 0, () => "The dump's session stayed.");
    }

    [Fact]
    public async Task Psql_stops_at_the_first_error_and_says_it()
    {
        var database = await servers.NewDatabaseAsync(15);

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => LoadAsync(database, "create table a ();\nselect 1/0;\ncreate table b ();\n"));

        Assert.Contains("failed with exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await database.AskAsync<long>("select count(*) from pg_class where relname in ('a', 'b')"));
    }

    [Fact]
    public async Task Psql_prints_tags_when_asked_and_applies_settings()
    {
        var database = await servers.NewDatabaseAsync(18, "create table t (id int)");

        var printed = await LoadAsync(database, "copy t from stdin;\n1\n2\n\\.\nshow work_mem;\n",
            new PsqlOptions { PrintTags = true, Settings = new Dictionary<string, string> { ["work_mem"] = "5MB" } });

        Assert.Contains("COPY 2\n", printed, StringComparison.Ordinal);
        Assert.Contains(" 5MB", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_with_spaces_and_backslashes_arrive_whole()
    {
        var database = await servers.NewDatabaseAsync(15) with { Options = "-c deepsight.a=1" };

        var printed = await LoadAsync(database, "select 'got ' || current_setting('deepsight.a') || current_setting('deepsight.b');\n",
            new PsqlOptions { Settings = new Dictionary<string, string> { ["deepsight.b"] = @" \ x" } });

        Assert.Contains(@"got 1 \ x", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tools_get_what_the_vocabulary_says()
    {
        using var fake = new FakeTools("echo");
        var database = DatabaseUrl.Parse("postgresql://app:pw@db/shop", "DATABASE_URL");
        await using var tool = PostgresTools.StartDump(database, await fake.ClientAsync(), new DumpOptions(), Cancelled);
        var said = (await JsonDocument.ParseAsync(tool.Output, cancellationToken: Cancelled)).RootElement;

        Assert.Equal(
            [
                "--format=plain", "--encoding=UTF8", "--no-owner", "--no-acl", "--no-tablespaces", "--no-subscriptions",
                "--exclude-schema=deepsight", "--lock-wait-timeout=60000", "--no-password",
                "--dbname=dbname='shop' keepalives=1 keepalives_idle=60 keepalives_interval=15 keepalives_count=4",
            ],
            said.GetProperty("arguments").EnumerateArray().Select(argument => argument.GetString()!));
        var environment = said.GetProperty("environment");
        Assert.Equal("-c bytea_output=hex -c lc_monetary=C -c quote_all_identifiers=off", environment.GetProperty("PGOPTIONS").GetString());
        Assert.Equal(("db", "pw", "UTC"), (environment.GetProperty("PGHOST").GetString(), environment.GetProperty("PGPASSWORD").GetString(), environment.GetProperty("PGTZ").GetString()));
    }

    private static async Task<PostgresClient> ClientAsync(int major)
    {
        await Clone.BuiltAsync("postgres-client", "client");
        using var clients = new PostgresClients(new DatabaseSettings());
        return await clients.ForDumpAsync(new PostgresVersion(major, 0), Cancelled);
    }

    private static async Task<string> DumpAsync(DatabaseUrl database, DumpOptions? options = null)
    {
        await Clone.BuiltAsync("postgres-client", "client");
        using var clients = new PostgresClients(new DatabaseSettings());
        var version = new PostgresVersion(18, 0);
        if (database.Password != "wr0ng-s3cret")
            version = PostgresVersion.FromNumber(int.Parse(await database.AskAsync<string>("show server_version_num"), System.Globalization.CultureInfo.InvariantCulture));
        await using var dump = PostgresTools.StartDump(database, await clients.ForDumpAsync(version, Cancelled), options ?? new DumpOptions(), Cancelled);
        using var reader = new StreamReader(dump.Output);
        var text = await reader.ReadToEndAsync(Cancelled);
        await dump.WaitForSuccessAsync();
        return text;
    }

    private static async Task<string> LoadAsync(DatabaseUrl database, string sql, PsqlOptions? options = null)
    {
        await using var psql = PostgresTools.StartPsql(database, await ClientAsync(18), options ?? new PsqlOptions(), Cancelled);
        using var reader = new StreamReader(psql.Output);
        var printed = reader.ReadToEndAsync(Cancelled);
        await psql.Input.WriteAsync(System.Text.Encoding.UTF8.GetBytes(sql), Cancelled);
        await psql.Input.DisposeAsync();
        await psql.WaitForSuccessAsync();
        return await printed;
    }

    private static string WithoutRandomKey(string dump) =>
        string.Join('\n', dump.Split('\n').Where(line => !line.StartsWith("\\restrict", StringComparison.Ordinal) && !line.StartsWith("\\unrestrict", StringComparison.Ordinal)));
}
