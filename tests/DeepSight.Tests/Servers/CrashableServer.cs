using System.Diagnostics;
using System.Globalization;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;
using DeepSight.Tests.Cli;

namespace DeepSight.Tests.Servers;

/// <summary>A server of a test's own whose data outlive it: killed as by a crash, and started again.</summary>
internal sealed class CrashableServer : IAsyncDisposable
{
    private const string WithSmallDisk =
        """mount -t tmpfs -o size="$1",mode=777 tmpfs "$2" && shift 2 && exec unshare --user --map-user=65534 --map-group=65534 -- "$@" """;

    private readonly string folder;
    private readonly string logPath;
    private readonly string[] line;
    private ToolProcess process;

    private CrashableServer(string folder, string logPath, string[] line, DatabaseUrl url)
    {
        (this.folder, this.logPath, this.line, Url) = (folder, logPath, line, url);
        process = Launch();
    }

    /// <summary>Its superuser by TCP; the same after every start.</summary>
    public DatabaseUrl Url { get; }

    /// <summary>A folder for a tablespace: of the size asked for, and then full.</summary>
    public string SmallDisk => Path.Combine(folder, "small");

    /// <param name="smallDisk">As mount takes it: <c>40m</c>. The mount is the server's alone and goes with it.</param>
    public static async Task<CrashableServer> StartAsync(int major, string? smallDisk = null)
    {
        // Another server makes the cluster; its keeper, which would remove it, finds it gone.
        var maker = await PostgresServers.StartAnotherAsync(major);
        var folder = maker.Folder + "-kept";
        string[] made = [.. File.ReadAllText(Path.Combine(maker.Folder, "data", "postmaster.opts")).Trim().Replace("\"", "", StringComparison.Ordinal).Split(' ')];
        // It writes its log when it likes; the password is to outlive it.
        await maker.Url.ExecuteAsync("checkpoint");
        Directory.Move(maker.Folder, folder);
        await KillTreeAsync(folder);
        await maker.DisposeAsync();
        await ServerUser.RunAsync("mkdir", [Path.Combine(folder, "small")], CancellationToken.None);

        // What was committed is in the system's cache at least, and outlives the process.
        string[] line = [.. made.Select(argument => argument.Replace(maker.Folder, folder, StringComparison.Ordinal).Replace("synchronous_commit=off", "synchronous_commit=on", StringComparison.Ordinal))];
        if (smallDisk is not null) line = ["unshare", "--mount", "--map-root-user", "sh", "-c", WithSmallDisk, "sh", smallDisk, Path.Combine(folder, "small"), .. line];
        var server = new CrashableServer(folder, maker.LogPath, line, maker.Url);
        try
        {
            await server.AnswersAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL to the postmaster; its children end when they notice.</summary>
    public async Task KillAsync()
    {
        // The keeper removes what it finds, which is nothing.
        Directory.Move(folder, folder + "-aside");
        await KillTreeAsync(folder + "-aside");
        await Keeper.EndAsync(process);
        Directory.Move(folder + "-aside", folder);
    }

    public async Task StartAgainAsync()
    {
        process = Launch();
        await AnswersAsync();
    }

    public async ValueTask DisposeAsync() => await Keeper.EndAsync(process);

    private ToolProcess Launch() => Keeper.Start("postgres", logPath, folder, "INT", line);

    private static async Task KillTreeAsync(string folder)
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(folder, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var all = ProcessTable.Descendants(postmaster).Select(child => child.Id).ToList();
        using var kill = Process.Start("kill", ["-KILL", postmaster.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
        while (all.Exists(id => Directory.Exists($"/proc/{id}"))) await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private async Task AnswersAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Url.AskAsync<int>("select 1");
                return;
            }
            catch (DeepSightException) when (attempt < 400)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }
}
