using System.Globalization;
using DeepSight.Cli.Quickstart;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Processes;
using DeepSight.Tests.Servers;

namespace DeepSight.Benchmarks.Database;

/// <summary>
/// A server of the newest bundle whose databases stay for later runs, in <c>.deepsight/bench</c>. It listens on a socket only.
/// </summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private const string Major = "18";
    private readonly string programs;
    private readonly string data;
    private readonly string socketFolder;

    private BenchServer(string programs, string data, string socketFolder, PostgresClient client)
    {
        this.programs = programs;
        this.data = data;
        this.socketFolder = socketFolder;
        Client = client;
    }

    /// <summary>For everything that a benchmark writes; emptied by whoever writes.</summary>
    public static string OutputFolder => Path.Combine(Clone.Bundles, "bench", "output");

    /// <summary>The client of the bundle that fits; ours and the peers run the same pg_dump.</summary>
    public PostgresClient Client { get; }

    /// <summary>The superuser's connection to a database.</summary>
    public DatabaseUrl Url(string database) =>
        DatabaseUrl.Parse($"postgresql://postgres@{Uri.EscapeDataString(socketFolder)}/{database}", "the benchmark's server");

    public static Task<BenchServer> StartAsync(CancellationToken cancellationToken) => StartAsync(cores: null, cancellationToken);

    /// <param name="cores">Those it stays on; null: any.</param>
    public static async Task<BenchServer> StartAsync(string? cores, CancellationToken cancellationToken)
    {
        var programs = Path.Combine(await Clone.BuiltAsync("postgres-server", $"server/{Major}", Major), "bin");
        await Clone.BuiltAsync("postgres-client", "client");
        using var clients = new PostgresClients(new DatabaseSettings { ClientDir = Path.Combine(Clone.Bundles, "client") });
        var client = await clients.ForDumpAsync(new PostgresVersion(int.Parse(Major, CultureInfo.InvariantCulture), 0), cancellationToken);

        // A socket's path may have 107 bytes: not below the clone.
        var socketFolder = await ServerUser.RunAsync("mktemp",
            ["-d", Path.Combine(Path.GetTempPath(), "deepsight-bench-XXXXXX")], cancellationToken);
        var server = new BenchServer(programs, await DataFolderAsync(programs, cancellationToken), socketFolder, client);
        await server.ControlAsync(cores, cancellationToken,
            "start", "--log=" + Path.Combine(socketFolder, "log"), "--wait", "--silent",
            $"--options=-c listen_addresses= -c unix_socket_directories={socketFolder} -c fsync=off -c synchronous_commit=off "
            + "-c full_page_writes=off -c shared_buffers=256MB -c max_wal_size=8GB -c autovacuum=off");
        return server;
    }

    /// <summary>Runs one of the server's programs as its superuser.</summary>
    public async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        await using var tool = ToolProcess.Start(new ToolCommand
        {
            Name = program,
            Program = Path.Combine(programs, program),
            Arguments = arguments,
            Environment = new Dictionary<string, string> { ["PGHOST"] = socketFolder, ["PGUSER"] = "postgres" },
        }, cancellationToken);
        await tool.Output.CopyToAsync(Stream.Null, cancellationToken);
        await tool.WaitForSuccessAsync();
    }

    /// <summary>A dump in directory format, over two sessions, for pg_restore.</summary>
    public Task DumpDirectoryAsync(DatabaseUrl database, string folder, CancellationToken cancellationToken) =>
        RunAsync("pg_dump", ["--format=directory", "--jobs=2", "--compress=zstd", "--file", folder, database.Database], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await ControlAsync(null, CancellationToken.None, "stop", "--mode=fast", "--wait", "--silent");
        Directory.Delete(socketFolder, recursive: true);
    }

    private static async Task<string> DataFolderAsync(string programs, CancellationToken cancellationToken)
    {
        // The server's user may not write in the clone: the folder is made for it.
        var folder = Path.Combine(Clone.Bundles, "bench", Major);
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            if (Environment.IsPrivilegedProcess) await ChangeOwnerAsync(folder, cancellationToken);
        }

        var data = Path.Combine(folder, "data");
        if (!Directory.Exists(data))
        {
            await ServerUser.RunAsync(Path.Combine(programs, "initdb"),
                [
                    "--pgdata=" + data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
                    "--no-instructions",
                ],
                cancellationToken);
        }

        return data;
    }

    private static async Task ChangeOwnerAsync(string folder, CancellationToken cancellationToken)
    {
        await using var chown = ToolProcess.Start(
            new ToolCommand { Name = "chown", Program = "chown", Arguments = ["65534:65534", folder] }, cancellationToken);
        await chown.WaitForSuccessAsync();
    }

    private Task<string> ControlAsync(string? cores, CancellationToken cancellationToken, params string[] arguments)
    {
        var line = Cores.Line(cores, Path.Combine(programs, "pg_ctl"));
        return ServerUser.RunAsync(line[0], [.. line[1..], "--pgdata=" + data, .. arguments], cancellationToken);
    }
}
