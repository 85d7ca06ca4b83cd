using System.Diagnostics;
using System.Text.RegularExpressions;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Delivery;

/// <summary>The functions app as it is built, on the local host, as a process of its own with only these settings.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private static readonly string App = Path.Combine(AppContext.BaseDirectory.Replace("DeepSight.Tests", "DeepSight.LocalHost", StringComparison.Ordinal), "DeepSight.LocalHost.dll");

    private readonly TemporaryFolder folder = new();
    private readonly Process process;

    private HostProcess(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProcessStartInfo(CommandProcess.Dotnet, [App, "--port", "0"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = folder.Path;
        start.Environment["TMPDIR"] = Path.GetTempPath();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["DEEPSIGHT_STATE_DIR"] = Path.Combine(folder.Path, "state");
        foreach (var (name, value) in settings) start.Environment[name] = value;
        process = Process.Start(start)!;
    }

    public HttpClient Http { get; } = new();

    public int Id => process.Id;

    /// <summary>Returns when it listens.</summary>
    public static async Task<HostProcess> StartAsync(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var host = new HostProcess(settings);
        var said = new List<string>();
        while (await host.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            said.Add(line);
            if (Address().Match(line) is not { Success: true } match) continue;
            host.Http.BaseAddress = new Uri(match.Value);
            // Drained, so that the host never waits for us.
            _ = host.process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            _ = host.process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return host;
        }

        throw new InvalidOperationException($"The host did not start: {string.Join('\n', said)}\n{await host.process.StandardError.ReadToEndAsync(CancellationToken.None)}");
    }

    /// <summary>SIGKILL, to the host alone. Returns when its worker has noticed and ended.</summary>
    public async Task KillAsync()
    {
        var children = (await File.ReadAllTextAsync($"/proc/{process.Id}/task/{process.Id}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() => !children.Any(child => Directory.Exists($"/proc/{child}")), () => "The worker outlives its host.");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        folder.Dispose();
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
