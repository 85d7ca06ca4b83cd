using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DeepSight.LocalHost.Worker;

/// <summary>What a worker needs to know to begin.</summary>
/// <param name="App">The path of the app's dll.</param>
/// <param name="Settings">Of <c>local.settings.json</c>; the host's environment comes on top of them.</param>
/// <param name="Output">Takes each line that the worker prints.</param>
internal sealed record WorkerStart(string App, Uri Endpoint, string WorkerId, IReadOnlyList<KeyValuePair<string, string?>> Settings, Action<string> Output);

/// <summary>A worker that was started.</summary>
internal interface IWorker : IDisposable
{
    /// <summary>Ends with the worker.</summary>
    Task Exited { get; }

    /// <summary>For people: <c>exit code 139</c>.</summary>
    string HowItEnded { get; }

    void Kill();
}

/// <summary>The worker as a process of its own. It ends when the pipe to its standard input closes, that is with this process, however that ends.</summary>
internal sealed class WorkerProcess : IWorker
{
    private const int KillSignal = 9;
    private readonly Process process;

    public WorkerProcess(WorkerStart start)
    {
        var info = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [start.App])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environmental(start, info.Environment)) info.Environment[name] = value;
        foreach (var name in info.Environment.Keys.Where(IsTheHostsOwn).ToList()) info.Environment.Remove(name);

        process = Process.Start(info)!;
        process.OutputDataReceived += (_, line) => Print(start, line.Data);
        process.ErrorDataReceived += (_, line) => Print(start, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exited = process.WaitForExitAsync();
    }

    public Task Exited { get; }

    public string HowItEnded => $"exit code {process.ExitCode}";

    /// <summary>With what it started: the worker leads a process group.</summary>
    public void Kill()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        if (!OperatingSystem.IsWindows()) _ = KillGroup(-process.Id, KillSignal);
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    /// <summary>Addresses and server settings that are meant for this host; the worker's own server would take them for its.</summary>
    private static bool IsTheHostsOwn(string name) =>
        name.StartsWith("Kestrel__", StringComparison.OrdinalIgnoreCase)
        || name.ToUpperInvariant() is "ASPNETCORE_URLS" or "ASPNETCORE_HTTP_PORTS" or "ASPNETCORE_HTTPS_PORTS" or "URLS" or "HTTP_PORTS" or "HTTPS_PORTS";

    private static IEnumerable<KeyValuePair<string, string?>> Environmental(WorkerStart start, IDictionary<string, string?> inherited)
    {
        foreach (var (name, value) in start.Settings)
            if (name.Replace(":", "__", StringComparison.Ordinal) is var variable && !inherited.ContainsKey(variable)) yield return new(variable, value);

        var proxied = inherited.FirstOrDefault(pair => pair.Key.Equals("no_proxy", StringComparison.OrdinalIgnoreCase)).Value;
        var direct = string.Join(',', new[] { proxied, "127.0.0.1", "localhost" }.Where(part => !string.IsNullOrEmpty(part)));
        yield return new("NO_PROXY", direct);
        yield return new("no_proxy", direct);
        yield return new("Functions__Worker__HostEndpoint", start.Endpoint.GetLeftPart(UriPartial.Authority));
        yield return new("Functions__Worker__WorkerId", start.WorkerId);
        yield return new("Functions__Worker__RequestId", Guid.NewGuid().ToString());
        yield return new("Functions__Worker__GrpcMaxMessageLength", "2147483647");
        yield return new("FUNCTIONS_APPLICATION_DIRECTORY", Path.GetDirectoryName(start.App));
        yield return new("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated");
        yield return new("Logging__LogLevel__Microsoft.AspNetCore", "Warning");
        // Read by the worker's WorkerLifetime.
        yield return new("DEEPSIGHT_ENDS_WITH_STDIN", "1");
        yield return new("DOTNET_gcServer", "0");
        yield return new("DOTNET_TieredPGO", "0");
    }

    private static void Print(WorkerStart start, string? line)
    {
        if (!string.IsNullOrWhiteSpace(line)) start.Output(line);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int KillGroup(int processId, int signal);
}
