using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Postgres.Processes;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Quickstart;

public sealed class EmbeddedServerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string LogPath => Path.Combine(folder.Path, "log", "postgres.log");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_answers_by_TCP_and_socket_and_leaves_only_its_log()
    {
        var server = await EmbeddedServer.StartAsync(await OptionsAsync(), Cancelled);

        Assert.Equal("postgres", await server.Url.AskAsync<string>("select current_user::text"));
        Assert.Equal("postgres", await server.SocketUrl.AskAsync<string>("select current_user::text"));

        await server.DisposeAsync();
        Assert.False(Directory.Exists(server.Folder));
        Assert.Contains("database system is shut down", await File.ReadAllTextAsync(LogPath, Cancelled), StringComparison.Ordinal);
        await Assert.ThrowsAsync<DeepSightException>(() => server.Url.OpenAsync());
    }

    [Fact]
    public async Task It_ends_at_once_though_clients_are_connected()
    {
        var server = await EmbeddedServer.StartAsync(await OptionsAsync(), Cancelled);
        await using var client = await server.Url.OpenAsync();

        var began = Stopwatch.GetTimestamp();
        await server.DisposeAsync();

        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 60);
    }

    [Fact]
    public async Task One_that_does_not_come_up_says_why_and_leaves_nothing()
    {
        var options = await OptionsAsync() with { Settings = new Dictionary<string, string> { ["shared_buffers"] = "plenty" } };

        var failure = await Assert.ThrowsAsync<DeepSightException>(() => EmbeddedServer.StartAsync(options, Cancelled));

        Assert.Contains("invalid value for parameter \"shared_buffers\": \"plenty\"", failure.Message, StringComparison.Ordinal);
        Assert.Contains(LogPath, failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_another_program_took_meanwhile_is_given_up_for_the_next()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var ports = new Queue<int>([((IPEndPoint)other.LocalEndpoint).Port, EmbeddedServer.FreePort()]);

        await using var server = await EmbeddedServer.StartAsync(await OptionsAsync() with { Ports = ports.Dequeue }, Cancelled);

        Assert.Equal("postgres", await server.Url.AskAsync<string>("select current_user::text"));
        Assert.Empty(ports);
    }

    [Fact]
    public async Task A_bundle_that_the_servers_user_cannot_reach_is_copied()
    {
        var options = await OptionsAsync();
        var closed = Directory.CreateDirectory(Path.Combine(folder.Path, "closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using (var copy = ToolProcess.Start(new ToolCommand { Name = "cp", Program = "cp", Arguments = ["-a", options.Bundle, Path.Combine(closed.FullName, "server")] }, Cancelled))
            await copy.WaitForSuccessAsync();

        await using var server = await EmbeddedServer.StartAsync(options with { Bundle = Path.Combine(closed.FullName, "server") }, Cancelled);

        Assert.Equal(1, await server.Url.AskAsync<int>("select 1"));
    }

    private async Task<EmbeddedServerOptions> OptionsAsync() =>
        new() { Bundle = await Clone.BuiltAsync("postgres-server", "server/17", "17"), LogPath = LogPath };
}
