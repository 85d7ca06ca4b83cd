using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Tests.Servers;

/// <summary>A real PgBouncer before a server.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private readonly ToolProcess process;

    private PgBouncer(ToolProcess process, DatabaseUrl url)
    {
        this.process = process;
        Url = url;
    }

    /// <summary>The database as it is seen through the pooler.</summary>
    public DatabaseUrl Url { get; }

    /// <param name="poolMode"><c>session</c> or <c>transaction</c>.</param>
    public static async Task<PgBouncer> StartAsync(EmbeddedServer server, string database, string poolMode)
    {
        // Between the look for a free port and PgBouncer's own, another program can take it.
        for (var attempt = 1; attempt < 5; attempt++)
            if (await TryStartAsync(server, database, poolMode) is { } bouncer)
                return bouncer;

        throw new InvalidOperationException($"PgBouncer did not start: see {Clone.Log("pgbouncer")}.");
    }

    public async ValueTask DisposeAsync() => await Keeper.EndAsync(process);

    private static async Task<PgBouncer?> TryStartAsync(EmbeddedServer server, string database, string poolMode)
    {
        var bundle = await Clone.BuiltAsync("pgbouncer", "pgbouncer");
        var folder = await ServerUser.RunAsync("mktemp", ["-d", Path.Combine(Path.GetTempPath(), "deepsight-pgbouncer-XXXXXX")], CancellationToken.None);
        var port = EmbeddedServer.FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "users.txt"), "\"postgres\" \"\"\n", CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(folder, "pgbouncer.ini"),
            $"""
            [databases]
            * = host={server.SocketUrl.Host} port={server.SocketUrl.Port} user=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {folder}/users.txt
            pool_mode = {poolMode}
            """, CancellationToken.None);

        var process = Keeper.Start("pgbouncer", Clone.Log("pgbouncer"), folder, "QUIT",
            [Path.Combine(bundle, "bin", "pgbouncer"), Path.Combine(folder, "pgbouncer.ini")]);
        var bouncer = new PgBouncer(process, DatabaseUrl.Parse($"postgresql://postgres@127.0.0.1:{port}/{database}", "PgBouncer"));
        if (await bouncer.IsReadyAsync()) return bouncer;

        await bouncer.DisposeAsync();
        return null;
    }

    private async Task<bool> IsReadyAsync()
    {
        var ended = process.WaitForExitAsync();
        for (var attempt = 1; !ended.IsCompleted; attempt++)
        {
            try
            {
                await Url.AskAsync<int>("select 1");
                return true;
            }
            catch (DeepSightException) when (attempt < 200)
            {
                await Task.Delay(25, CancellationToken.None);
            }
        }

        return false;
    }
}
