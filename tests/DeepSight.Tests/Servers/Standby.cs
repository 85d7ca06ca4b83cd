using System.Globalization;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Tests.Servers;

/// <summary>A hot standby, made of a server by pg_basebackup: in recovery for as long as it lives.</summary>
internal sealed class Standby : IAsyncDisposable
{
    private readonly ToolProcess process;

    private Standby(ToolProcess process, DatabaseUrl url) => (this.process, Url) = (process, url);

    /// <summary>The primary's superuser, here.</summary>
    public DatabaseUrl Url { get; }

    public static async Task<Standby> OfAsync(EmbeddedServer primary)
    {
        for (var attempt = 1; attempt < 5; attempt++)
            if (await TryStartAsync(primary) is { } standby)
                return standby;

        throw new InvalidOperationException($"The standby did not start: see {Clone.Log("postgres-standby")}.");
    }

    public async ValueTask DisposeAsync() => await Keeper.EndAsync(process);

    private static async Task<Standby?> TryStartAsync(EmbeddedServer primary)
    {
        var folder = await ServerUser.RunAsync("mktemp", ["-d", Path.Combine(Path.GetTempPath(), "deepsight-standby-XXXXXX")], CancellationToken.None);
        var data = Path.Combine(folder, "data");
        var port = EmbeddedServer.FreePort();
        await ServerUser.RunAsync(Path.Combine(primary.Programs, "pg_basebackup"),
            [
                "--pgdata=" + data, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
                $"--host={primary.Folder}", $"--port={primary.Url.Port}", "--username=postgres",
            ], CancellationToken.None);
        // What replay needs must be no less than the primary's.
        var settings = new Dictionary<string, string>
        {
            ["listen_addresses"] = "127.0.0.1",
            ["port"] = port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = folder,
            ["max_connections"] = "200",
            ["max_prepared_transactions"] = "10",
            ["fsync"] = "off",
        };
        var process = Keeper.Start("postgres", Clone.Log("postgres-standby"), folder, "INT",
            [Path.Combine(primary.Programs, "postgres"), "-D", data, .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })]);
        var standby = new Standby(process, primary.Url with { Port = port });
        if (await standby.IsReadyAsync()) return standby;

        await standby.DisposeAsync();
        return null;
    }

    private async Task<bool> IsReadyAsync()
    {
        var ended = process.WaitForExitAsync();
        for (var attempt = 1; !ended.IsCompleted; attempt++)
        {
            try
            {
                return await Url.AskAsync<bool>("select pg_is_in_recovery()");
            }
            catch (DeepSightException) when (attempt < 400)
            {
                await Task.Delay(25, CancellationToken.None);
            }
        }

        return false;
    }
}
