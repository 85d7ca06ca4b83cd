using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;
using Npgsql;

namespace DeepSight.Cli.Quickstart;

/// <summary>
/// A throw-away PostgreSQL server: a new cluster in a temporary folder, on loopback and a socket, gone when disposed. Nothing is
/// kept safe on disk. It ends when we do, however we end.
/// </summary>
internal sealed class EmbeddedServer : IAsyncDisposable
{
    private const int MostPortsTried = 5;

    private readonly ToolProcess process;

    private EmbeddedServer(ToolProcess process, string programs, string folder, string logPath, int port, string password)
    {
        this.process = process;
        Programs = programs;
        Folder = folder;
        LogPath = logPath;
        Url = DatabaseUrl.Parse($"postgresql://postgres:{password}@127.0.0.1:{port}/postgres", "the embedded server");
        SocketUrl = DatabaseUrl.Parse($"postgresql://postgres@{Uri.EscapeDataString(folder)}:{port}/postgres", "the embedded server");
    }

    /// <summary>Its superuser by TCP, with a random password.</summary>
    public DatabaseUrl Url { get; }

    /// <summary>Its superuser by the socket, for root and for the user who started it only.</summary>
    public DatabaseUrl SocketUrl { get; }

    public string LogPath { get; }

    /// <summary>Where its programs are, for the user that it runs as.</summary>
    public string Programs { get; }

    /// <summary>The cluster and the socket.</summary>
    public string Folder { get; }

    /// <exception cref="DeepSightException">It does not come up; the message has the end of its log.</exception>
    public static async Task<EmbeddedServer> StartAsync(EmbeddedServerOptions options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartOnFreePortAsync(options, cancellationToken);
            }
            catch (DeepSightException e) when (attempt < MostPortsTried && e.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
                // Another program took the port between our look and the server's: the next one is tried.
            }
        }
    }

    public async ValueTask DisposeAsync() => await Keeper.EndAsync(process);

    private static async Task<EmbeddedServer> StartOnFreePortAsync(EmbeddedServerOptions options, CancellationToken cancellationToken)
    {
        // Outside the clone: nobody may enter a temporary folder, but perhaps not root's home.
        var folder = await ServerUser.RunAsync("mktemp", ["-d", Path.Combine(Path.GetTempPath(), "deepsight-pg-XXXXXX")], cancellationToken);
        try
        {
            var programs = await ReachableProgramsAsync(options.Bundle, folder, cancellationToken);
            await ServerUser.RunAsync(Path.Combine(programs, "initdb"),
                [
                    "--pgdata=" + Path.Combine(folder, "data"), "--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256",
                    "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
                ], cancellationToken);
            return await LaunchAsync(options, programs, folder, cancellationToken);
        }
        catch
        {
            // The keeper does this for a server that was running.
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>A bundle below a closed folder is copied: 0.1 s.</summary>
    private static async Task<string> ReachableProgramsAsync(string bundle, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await ServerUser.RunAsync(Path.Combine(bundle, "bin", "postgres"), ["--version"], cancellationToken);
            return Path.Combine(bundle, "bin");
        }
        catch (DeepSightException) when (Environment.IsPrivilegedProcess && File.Exists(Path.Combine(bundle, "bin", "postgres")))
        {
            var copy = Path.Combine(folder, "server");
            await using var tool = ToolProcess.Start(
                new ToolCommand { Name = "cp", Program = "cp", Arguments = ["-a", bundle, copy] }, cancellationToken);
            await tool.WaitForSuccessAsync();
            return Path.Combine(copy, "bin");
        }
    }

    private static async Task<EmbeddedServer> LaunchAsync(EmbeddedServerOptions options, string programs, string folder, CancellationToken cancellationToken)
    {
        var port = options.Ports();
        var settings = new Dictionary<string, string>(options.Settings)
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = folder,
            ["fsync"] = "off",
            ["full_page_writes"] = "off",
            ["synchronous_commit"] = "off",
        };
        var process = Keeper.Start("postgres", options.LogPath, folder, "INT",
            [
                Path.Combine(programs, "postgres"), "-D", Path.Combine(folder, "data"),
                .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" }),
            ]);
        try
        {
            var password = RandomNumberGenerator.GetHexString(24, lowercase: true);
            var server = new EmbeddedServer(process, programs, folder, options.LogPath, port, password);
            await server.BecomeReadyAsync(password, options.Patience, cancellationToken);
            return server;
        }
        catch
        {
            await Keeper.EndAsync(process);
            throw;
        }
    }

    /// <summary>Waits until it answers on the socket, where no password is asked, and sets the one for TCP.</summary>
    private async Task BecomeReadyAsync(string password, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        var ended = process.WaitForExitAsync();
        DeepSightException? last = null;
        while (true)
        {
            try
            {
                await using var connection = await PostgresServer.ConnectAsync(SocketUrl, "deepsight quickstart", deadline.Token);
                await using var command = new NpgsqlCommand($"alter role postgres password '{password}'", connection);
                await command.ExecuteNonQueryAsync(deadline.Token);
                return;
            }
            catch (DeepSightException e) when (!ended.IsCompleted && !deadline.IsCancellationRequested && e.Kind == FailureKind.Failed)
            {
                last = e;
                await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken));
            }
            catch (Exception e) when (e is DeepSightException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new DeepSightException(FailureKind.Failed,
                    $"The embedded PostgreSQL server did not come up. The end of its log:\n{string.Join('\n', File.ReadLines(LogPath).TakeLast(10))}",
                    $"the whole log is '{LogPath}'.", last ?? e);
            }
        }
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Which PostgreSQL to start, and how.</summary>
internal sealed record EmbeddedServerOptions
{
    /// <summary>A folder with <c>bin/initdb</c> and <c>bin/postgres</c> in it, as infra/postgres-server/build.sh makes it.</summary>
    public required string Bundle { get; init; }

    /// <summary>Where the server's log is written; it stays when the server is gone.</summary>
    public required string LogPath { get; init; }

    /// <summary>Server settings, beside those that it takes to be found.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How long it may take from nothing to answering. Default: 60 s; 2 s are usual.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where to listen: asked again when another program took that port meanwhile.</summary>
    public Func<int> Ports { get; init; } = EmbeddedServer.FreePort;
}
