using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Settings;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Npgsql;
using App = DeepSight.Functions;

namespace DeepSight.Tests.LocalHost;

/// <summary>What the function and the command answer of a server that is full, read-only, in recovery, slow or out of reach.</summary>
public sealed class HardServerTests(PostgresServers servers) : IDisposable
{
    private const string Alembic = "create table alembic_version (version_num varchar(32)); insert into alembic_version values ('001')";

    private readonly TemporaryFolder migrations = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => migrations.Dispose();

    [Fact]
    public async Task A_full_server_is_unhealthy_until_a_connection_is_free()
    {
        await using var server = await PostgresServers.StartAnotherAsync(17, new Dictionary<string, string> { ["max_connections"] = "5" });
        await using var app = await StartAsync(server.Url);
        var taken = await TakeAllAsync(server.Url);

        await UnhealthyAsync(app, "the server has no connection left");
        await UnhealthyAsync(server.Url, "the server has no connection left");
        foreach (var connection in taken) await connection.DisposeAsync();
        await app.EventuallyAsync(async () => (await AskAsync(app)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_read_only_database_is_healthy()
    {
        var database = await servers.NewDatabaseAsync(17, Alembic);
        await database.ExecuteAsync($"alter database {database.Database} set default_transaction_read_only = on");
        await using var app = await StartAsync(database);

        await HealthyAsync(app, database);
    }

    [Fact]
    public async Task A_standby_in_recovery_is_healthy_and_tells_its_facts()
    {
        await using var primary = await PostgresServers.StartAnotherAsync(17);
        await primary.Url.ExecuteAsync(Alembic);
        await using var standby = await Standby.OfAsync(primary);
        await using var app = await StartAsync(standby.Url);

        await HealthyAsync(app, standby.Url);
    }

    [Fact]
    public async Task A_database_that_takes_too_long_is_unhealthy_when_the_time_is_up()
    {
        var database = await servers.NewDatabaseAsync(17, Alembic);
        await using var app = await StartAsync(database, seconds: 1);
        await using var holder = await database.OpenAsync();
        await holder.ExecuteAsync("begin; lock table alembic_version in access exclusive mode");

        await UnhealthyAsync(app, "the database did not answer within 1 s");
        await UnhealthyAsync(database, "the database did not answer within 1 s", seconds: 1);
        await holder.ExecuteAsync("rollback");
        await app.EventuallyAsync(async () => (await AskAsync(app)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_server_whose_packets_are_dropped_is_unhealthy_when_the_time_is_up()
    {
        // With the queue of a listener full, the kernel drops what would open one more connection, as a firewall does.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var queued = await FillAsync(listener.LocalEndPoint!);
        var database = (await servers.GetAsync(17)).Url with { Port = ((IPEndPoint)listener.LocalEndPoint!).Port };
        await using var app = await StartAsync(database, seconds: 1);

        await UnhealthyAsync(app, "the database did not answer within 1 s");
        await UnhealthyAsync(database, "the database did not answer within 1 s", seconds: 1);
        foreach (var socket in queued) socket.Dispose();
    }

    private static async Task<List<NpgsqlConnection>> TakeAllAsync(DatabaseUrl database)
    {
        var taken = new List<NpgsqlConnection>();
        while (true)
        {
            var connection = new NpgsqlConnection(database.ToNpgsql("deepsight tests", pooling: false).ConnectionString);
            try
            {
                await connection.OpenAsync(Cancelled);
                taken.Add(connection);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                return taken;
            }
        }
    }

    /// <summary>Until a connection is not opened any more.</summary>
    private static async Task<List<Socket>> FillAsync(EndPoint address)
    {
        var queued = new List<Socket>();
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            queued.Add(socket);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
            patience.CancelAfter(TimeSpan.FromMilliseconds(500));
            try
            {
                await socket.ConnectAsync(address, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return queued;
            }
        }
    }

    private async Task HealthyAsync(TestApp app, DatabaseUrl database)
    {
        var (status, report) = await AskAsync(app);
        var command = await CommandProcess.RunAsync(Settings(database, 30)!, "health");

        Assert.Equal(HttpStatusCode.OK, status);
        foreach (var answer in (JsonElement[])[report, command.EndedWith(0).Json])
        {
            Assert.Equal("healthy", answer.GetProperty("database").GetProperty("status").GetString());
            Assert.StartsWith("PostgreSQL 17", answer.GetProperty("database").GetProperty("version").GetString(), StringComparison.Ordinal);
            Assert.True(answer.GetProperty("database").GetProperty("size_mb").GetDouble() > 1);
            Assert.Equal("001", answer.GetProperty("migrations").GetProperty("current_revision").GetString());
        }
    }

    private static async Task UnhealthyAsync(TestApp app, string error)
    {
        var (status, report) = await AskAsync(app);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, error), (status, report.GetProperty("database").GetProperty("error").GetString()));
    }

    private async Task UnhealthyAsync(DatabaseUrl database, string error, int seconds = 30)
    {
        var command = (await CommandProcess.RunAsync(Settings(database, seconds)!, "health")).EndedWith(1);
        Assert.Equal(error, command.Json.GetProperty("database").GetProperty("error").GetString());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Report)> AskAsync(TestApp app)
    {
        using var response = await app.SendAsync(HttpMethod.Get, "/api/health/db");
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancelled));
    }

    /// <param name="seconds">Plenty where it must answer: a process that starts on a busy machine takes its time.</param>
    private Dictionary<string, string?> Settings(DatabaseUrl database, int seconds) => new()
    {
        ["DATABASE_URL"] = database.Whole(),
        ["MIGRATIONS_DIR"] = migrations.Path,
        ["HEALTH_TIMEOUT_SECONDS"] = $"{seconds}",
        ["BACKUP_DIR"] = migrations.Path,
    };

    private Task<TestApp> StartAsync(DatabaseUrl database, int seconds = 30)
    {
        var settings = Settings(database, seconds);
        return TestApp.StartAsync(new TestAppOptions
        {
            Settings = settings,
            RealTime = true,
            Configure = services => services.AddDeepSight(DeepSightSettings.Load(new SettingsSource().Add(settings, "test"))),
        }, typeof(App.Health));
    }
}
