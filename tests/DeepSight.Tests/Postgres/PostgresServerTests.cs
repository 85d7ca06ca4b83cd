using System.Net;
using System.Net.Sockets;
using System.Text;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Postgres;

public sealed class PostgresServerTests(PostgresServers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(PostgresServers.Majors), MemberType = typeof(PostgresServers))]
    public async Task A_server_says_what_it_is(int major)
    {
        var database = await servers.NewDatabaseAsync(major,
            "create table a (); create table b (id int) partition by hash (id); create schema deepsight; create table deepsight.c (); create view v as select 1");
        await using var connection = await database.OpenAsync();

        var info = await PostgresServer.DescribeAsync(connection, Cancelled);

        Assert.Equal(major, info.Version.Major);
        Assert.StartsWith($"PostgreSQL {info.Version}", info.FullVersion, StringComparison.Ordinal);
        Assert.Equal((database.Database, "UTF8", "C", 200, 2), (info.Database, info.Encoding, info.Collation, info.MaxConnections, info.TableCount));
        Assert.Equal((true, false, false), (info.IsSuperuser, info.IsInRecovery, info.IsEncrypted));
        Assert.InRange(info.DatabaseBytes, 1_000_000, 100_000_000);
        Assert.InRange(info.ActiveConnections, 1, 200);
    }

    [Fact]
    public async Task A_role_with_no_rights_gets_the_same_answers()
    {
        var database = await servers.NewDatabaseAsync(15, $"create role {Name("nobody")} login password 'pw'");
        await using var connection = await (database with { User = Name("nobody"), Password = "pw" }).OpenAsync();

        var info = await PostgresServer.DescribeAsync(connection, Cancelled);

        Assert.False(info.IsSuperuser);
        Assert.InRange(info.ActiveConnections, 1, 200);
    }

    [Fact]
    public async Task What_the_surroundings_say_of_connections_reaches_none_of_ours()
    {
        var database = await servers.NewDatabaseAsync(17, "");
        string[] names = ["PGREQUIREAUTH", "PGSSLNEGOTIATION", "PGOPTIONS", "PGTZ", "PGCLIENTENCODING", "PGTARGETSESSIONATTRS", "PGGSSENCMODE"];
        foreach (var forScripts in new[] { true, false })
        {
            foreach (var name in names) Environment.SetEnvironmentVariable(name, "nonsense");

            await using var connection = await PostgresServer.ConnectAsync(database, "test", Cancelled, forScripts);
        }
    }

    [Fact]
    public async Task An_unknown_host_is_told() =>
        await FailsAsync(Url("postgresql://app:s3cret@no-such-host.invalid/shop"), "Can't connect to 'shop on no-such-host.invalid:5432': no host of that name is known.");

    [Fact]
    public async Task A_refused_port_is_told()
    {
        var port = EmbeddedServer.FreePort();
        await FailsAsync(Url($"postgresql://app:s3cret@127.0.0.1:{port}/shop"), $"Can't connect to 'shop on 127.0.0.1:{port}': nothing listens on that port.");
    }

    [Fact]
    public async Task A_missing_socket_is_told() =>
        await FailsAsync(Url("postgresql://app:s3cret@%2Fnowhere/shop"), "Can't connect to 'shop on /nowhere:5432': no server listens on that socket.");

    [Fact]
    public async Task A_host_that_does_not_answer_is_told()
    {
        // Accepts into its backlog and never speaks.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;

        await FailsAsync(Url($"postgresql://app:s3cret@127.0.0.1:{port}/shop?connect_timeout=1"), $"Can't connect to 'shop on 127.0.0.1:{port}': no answer within 1 s.");
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "what answers there is no PostgreSQL server")]
    [InlineData("", "the connection was closed before it answered")]
    public async Task What_is_no_PostgreSQL_server_is_told(string answer, string reason)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var answering = AnswerAsync();

        await FailsAsync(Url($"postgresql://app:s3cret@127.0.0.1:{port}/shop?sslmode=require"), $"Can't connect to 'shop on 127.0.0.1:{port}': {reason}.");
        await answering;

        async Task AnswerAsync()
        {
            using var client = await other.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().ReadExactlyAsync(new byte[8], TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_wrong_password_is_told()
    {
        var database = await servers.NewDatabaseAsync(15);
        await FailsAsync(database with { Password = "s3cret" }, $"Can't connect to '{database.Display}': the password of 'postgres' is wrong.");
    }

    [Fact]
    public async Task A_missing_password_is_told()
    {
        var database = await servers.NewDatabaseAsync(15);
        await FailsAsync(database with { Password = null }, $"Can't connect to '{database.Display}': it wants a password for 'postgres' and there is none.");
    }

    [Fact]
    public async Task A_missing_database_is_told()
    {
        var database = (await servers.GetAsync(15)).Url.WithDatabase("Shop");
        await FailsAsync(database, $"Can't connect to '{database.Display}': there is no database 'Shop'.");
    }

    [Fact]
    public async Task A_database_without_CONNECT_is_told()
    {
        var role = Name("outsider");
        var database = await servers.NewDatabaseAsync(15);
        await database.ExecuteAsync($"create role {role} login password 's3cret'; revoke connect on database {database.Database} from public");
        await FailsAsync(database with { User = role, Password = "s3cret" }, $"Can't connect to '{database.Display}': '{role}' may not connect to it.");
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_where_TLS_is_required()
    {
        var database = await servers.NewDatabaseAsync(15) with { SslMode = Npgsql.SslMode.Require };
        await FailsAsync(database, $"Can't connect to '{database.Display}': it offers no TLS.");
    }

    [Fact]
    public async Task A_full_server_is_told()
    {
        var role = Name("limited");
        var database = await servers.NewDatabaseAsync(15);
        await database.ExecuteAsync($"create role {role} login password 's3cret' connection limit 0");
        await FailsAsync(database with { User = role, Password = "s3cret" }, $"Can't connect to '{database.Display}': the server has no connection left.");
    }

    [Fact]
    public async Task A_database_that_takes_no_connections_is_told()
    {
        var database = await servers.NewDatabaseAsync(15);
        await (await servers.GetAsync(15)).Url.ExecuteAsync($"alter database {database.Database} allow_connections false");
        await FailsAsync(database, "not currently accepting connections");
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task A_pooler_in_between_is_recognised_and_refused(string poolMode)
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var bouncer = await PgBouncer.StartAsync(await servers.GetAsync(15), database.Database, poolMode);
        await using var connection = await bouncer.Url.OpenAsync();

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => PostgresServer.RefusePoolerAsync(connection, bouncer.Url, Cancelled));

        Assert.Equal(FailureKind.Refused, failure.Kind);
        Assert.Contains("DATABASE_DIRECT_URL", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(15, (await PostgresServer.DescribeAsync(connection, Cancelled)).Version.Major);
    }

    [Fact]
    public async Task A_direct_connection_is_not_refused()
    {
        var database = await servers.NewDatabaseAsync(15);
        await using var connection = await database.OpenAsync();

        await PostgresServer.RefusePoolerAsync(connection, database, Cancelled);
    }

    [Fact]
    public async Task A_cancelled_connect_is_a_cancellation()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PostgresServer.ConnectAsync(Url("postgresql://app@127.0.0.1/shop"), "tests", cancelled.Token));
    }

    [Fact]
    public async Task Sessions_are_in_UTC_whatever_the_server_says()
    {
        var database = await servers.NewDatabaseAsync(15);
        await database.ExecuteAsync($"alter database {database.Database} set timezone = 'Asia/Tokyo'");

        Assert.Equal("UTC", await database.AskAsync<string>("show timezone"));
    }

    private static async Task FailsAsync(DatabaseUrl database, string message)
    {
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => PostgresServer.ConnectAsync(database, "deepsight tests", Cancelled));

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure + failure.Hint, StringComparison.Ordinal);
    }

    private static DatabaseUrl Url(string text) => DatabaseUrl.Parse(text, "DATABASE_URL");

    private string Name(string role) => $"{role}_{GetHashCode():x}";
}
