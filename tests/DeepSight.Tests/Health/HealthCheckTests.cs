using System.Text.Json;
using System.Text.RegularExpressions;
using DeepSight.Core;
using DeepSight.Core.Health;
using DeepSight.Core.Postgres;
using DeepSight.Core.Settings;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Health;

public sealed class HealthCheckTests(PostgresServers servers) : IDisposable
{
    private readonly TemporaryFolder migrations = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => migrations.Dispose();

    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task The_report_has_the_old_guides_exact_shape(int major)
    {
        var report = await ReportAsync(Text(await servers.NewDatabaseAsync(major)));

        var json = JsonSerializer.Serialize(report, Json.Compact);
        Assert.Matches("""^\{"database":\{"status":"healthy","latency_ms":[0-9.]+,"version":"PostgreSQL """ + major + """\.[0-9]+","size_mb":[0-9.]+,"active_connections":[0-9]+,"max_connections":200\},"migrations":\{"current_revision":null,"head_revision":null,"pending":0,"is_up_to_date":true\}\}$""", json);
        Assert.InRange(report.Database.SizeMb!.Value, 5, 50);
        Assert.InRange(report.Database.ActiveConnections!.Value, 1, 200);
    }

    [Fact]
    public async Task Two_round_trips_are_enough()
    {
        var database = await servers.NewDatabaseAsync(17, "create table alembic_version (version_num varchar(32)); insert into alembic_version values ('001')");
        await using var relay = new TcpRelay(database.Port);
        await using var check = Check(Text(database, relay.Port) + "?sslmode=disable");
        await check.RunAsync(Cancel);
        var before = relay.Turns;

        var report = await check.RunAsync(Cancel);

        Assert.Equal("001", report.Migrations.CurrentRevision);
        Assert.Equal(2, relay.Turns - before);
    }

    [Theory]
    [InlineData("001", "001", 0, true)]
    [InlineData("000", "001", 1, false)]
    [InlineData("elsewhere", "001", 2, false)]
    public async Task Alembics_database_shows_its_revision_to_a_role_that_may_only_look(string current, string head, int pending, bool upToDate)
    {
        Migration("0000_first.sql", "-- revision: 000\n-- down_revision:\ncreate table first (id int);");
        Migration("0001_second.sql", "-- revision: 001\n-- down_revision: 000\ncreate table second (id int);");
        var database = await servers.NewDatabaseAsync(17, $"""
            create table alembic_version (version_num varchar(32) primary key);
            insert into alembic_version values ('{current}');
            """);
        var reader = await ReaderAsync(database);

        var report = await ReportAsync(reader);

        Assert.Equal(new MigrationHealth(current, head, pending, upToDate), report.Migrations);
    }

    [Fact]
    public async Task A_journal_tells_what_is_applied_and_that_a_file_has_changed()
    {
        Migration("0000_first.sql", "-- revision: 000\n-- down_revision:\ncreate table first (id int);");
        var database = await servers.NewDatabaseAsync(17, """
            create schema roundhouse;
            create table roundhouse.scriptsrun (id serial, script_name text, text_hash text, one_time_script boolean, entry_date timestamp, entered_by text);
            insert into roundhouse.scriptsrun (script_name, text_hash, one_time_script) values ('0000_first.sql', 'of another text', true);
            """);

        var report = await ReportAsync(Text(database));

        Assert.True(report.IsHealthy);
        Assert.Equal(new MigrationHealth("000", "000", 0, false), report.Migrations);
    }

    [Fact]
    public async Task What_can_not_be_told_of_migrations_leaves_the_database_healthy()
    {
        var database = await servers.NewDatabaseAsync(17, """
            create schema roundhouse; create table roundhouse.scriptsrun (id serial); create table alembic_version (version_num text);
            """);
        var closed = await ReportAsync(await ReaderAsync(database, grant: false));
        Migration("0000_first.sql", "-- revision: 000\n-- down_revision: 999\nselect 1;");
        var broken = await ReportAsync(Text(await servers.NewDatabaseAsync(17)));

        Assert.True(closed.IsHealthy && broken.IsHealthy);
        Assert.Equal("the journal can't be read (SQLSTATE 42501)", closed.Migrations.Error);
        Assert.Contains("999", broken.Migrations.Error);
        Assert.False(closed.Migrations.IsUpToDate || broken.Migrations.IsUpToDate);
    }

    [Fact]
    public async Task What_keeps_the_database_from_answering_is_told_without_names()
    {
        var database = await servers.NewDatabaseAsync(17);
        var wrongPassword = await ReportAsync(Text(database, password: "wrong-secret"));
        var noDatabase = await ReportAsync(Text(database.WithDatabase("no_such_database")));
        var noServer = await ReportAsync(Text(database, port: 1));
        var noHost = await ReportAsync("postgresql://app:pw@no-such-host.invalid/app");
        var settings = await ReportAsync("mysql://app:pw@db/app");

        var errors = new[] { wrongPassword, noDatabase, noServer, noHost, settings }.Select(report => report.Database.Error!).ToList();
        Assert.Equal(["the database refused the login", "the database does not exist", "no server listens there", "the server's name is not known"], errors[..4]);
        Assert.StartsWith("DATABASE_URL", errors[4]);
        Assert.DoesNotMatch(new Regex("wrong-secret|no_such|127.0.0.1|postgres|invalid"), string.Join(' ', errors[..4]));
        Assert.Equal("unhealthy", noServer.Database.Status);
    }

    [Fact]
    public async Task A_database_that_is_silent_is_unhealthy_when_the_time_is_up()
    {
        var database = await servers.NewDatabaseAsync(17);
        await using var relay = new TcpRelay(database.Port);
        await using var check = Check(Text(database, relay.Port), ("HEALTH_TIMEOUT_SECONDS", "1"));
        Assert.True((await check.RunAsync(Cancel)).IsHealthy);

        relay.IsSilent = true;
        var silent = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => check.RunAsync(Cancel)));
        relay.IsSilent = false;

        Assert.All(silent, report => Assert.Equal("the database did not answer within 1 s", report.Database.Error));
        Assert.True((await check.RunAsync(Cancel)).IsHealthy);
    }

    [Fact]
    public async Task A_kept_connection_that_the_server_ended_is_no_news()
    {
        var database = await servers.NewDatabaseAsync(17);
        await using var check = Check(Text(database));
        Assert.True((await check.RunAsync(Cancel)).IsHealthy);
        await database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");

        Assert.True((await check.RunAsync(Cancel)).IsHealthy);
    }

    [Fact]
    public async Task Many_probes_at_once_take_few_connections()
    {
        var database = await servers.NewDatabaseAsync(17);
        await using var check = Check(Text(database));

        var reports = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => check.RunAsync(Cancel)));

        Assert.All(reports, report => Assert.True(report.IsHealthy));
        Assert.InRange(await database.AskAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'deepsight health'"), 1, 4);
    }

    private static string Text(DatabaseUrl database, int? port = null, string? password = null) =>
        $"postgresql://{database.User}:{password ?? database.Password}@{database.Host}:{port ?? database.Port}/{database.Database}";

    private static async Task<string> ReaderAsync(DatabaseUrl database, bool grant = true)
    {
        var role = $"reader_{Guid.NewGuid():n}";
        await database.ExecuteAsync($"create role {role} login password 'reading'");
        if (grant) await database.ExecuteAsync($"grant select on all tables in schema public to {role}");
        return Text(database with { User = role }, password: "reading");
    }

    private async Task<HealthReport> ReportAsync(string url)
    {
        await using var check = Check(url);
        return await check.RunAsync(Cancel);
    }

    private HealthCheck Check(string url, params (string Name, string Value)[] more)
    {
        var settings = DeepSightSettings.Load(new SettingsSource().Add(
            [new("DATABASE_URL", url), new("MIGRATIONS_DIR", migrations.Path), .. more.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value))], "test"));
        return new HealthCheck(new SettingsErrors(settings.Errors), settings.Health, settings.Database, settings.Migrations, TimeProvider.System);
    }

    private void Migration(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(migrations.Path, "up"));
        File.WriteAllText(Path.Combine(migrations.Path, "up", name), text);
    }
}
