using System.Diagnostics;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Servers;

namespace DeepSight.Benchmarks.Health;

/// <summary>The functions on the local host, as <c>./deepsight up</c> runs them: a process of its own.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly Process process;
    private readonly DirectoryInfo state;

    private RunningApp(Process process, DirectoryInfo state, Uri address) => (this.process, this.state, Address) = (process, state, address);

    public Uri Address { get; }

    public static async Task<RunningApp> StartAsync(DatabaseUrl database, CancellationToken cancellationToken)
    {
        var state = Directory.CreateTempSubdirectory("deepsight-bench-");
        var port = EmbeddedServer.FreePort();
        var program = Path.Combine(Clone.Root, "artifacts", "bin", "DeepSight.LocalHost", "release", "DeepSight.LocalHost.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet", [program, "--port", $"{port}"])
        {
            WorkingDirectory = state.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATABASE_URL"] = database.ToString(),
                ["BACKUP_DIR"] = Path.Combine(state.FullName, "backups"),
                ["BACKUP_STORE"] = "local",
                ["DEEPSIGHT_STATE_DIR"] = state.FullName,
                // The backup of the benchmark is the only one.
                ["AzureWebJobs.Backup.Disabled"] = "true",
            },
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var app = new RunningApp(process, state, new Uri($"http://127.0.0.1:{port}/api/health/db"));
        await app.AnswersAsync(cancellationToken);
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        state.Delete(recursive: true);
    }

    private async Task AnswersAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        for (var attempt = 0; attempt < 300; attempt++)
        {
            try
            {
                if ((await client.GetAsync(Address, cancellationToken)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // It is starting.
            }

            await Task.Delay(100, cancellationToken);
        }

        throw new DeepSightException(FailureKind.Failed, $"The app does not answer at {Address}.", "build it: dotnet build DeepSight.Functions.sln -c Release.");
    }
}
