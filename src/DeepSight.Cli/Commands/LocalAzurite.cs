using System.Diagnostics;
using DeepSight.Core;
using DeepSight.Core.Queues;

namespace DeepSight.Cli.Commands;

/// <summary>The pinned Azurite of <c>infra/local/azurite</c>, with its data beside the local state; it ends when we do, however we end.</summary>
internal sealed class LocalAzurite : IAsyncDisposable
{
    private readonly Process process;

    private LocalAzurite(Process process, string connectionString) => (this.process, ConnectionString) = (process, connectionString);

    public string ConnectionString { get; }

    /// <exception cref="DeepSightException">It did not start; node may be missing.</exception>
    public static async Task<LocalAzurite> StartAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var home = Environment.GetEnvironmentVariable("DEEPSIGHT_HOME") ?? ".";
        var script = Path.GetFullPath(Path.Combine(home, "infra", "local", "azurite", "azurite.sh"));
        if (!File.Exists(script))
            throw new DeepSightException(FailureKind.Failed, $"There is no '{script}'.", "run it as ./deepsight up --azurite, from the clone.");

        var process = Process.Start(new ProcessStartInfo(script, ["--attached", Path.Combine(LocalState.Folder(context.Setting), "azurite")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var complaints = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken);
        if (line?.Split('=', 2) is [StorageConnection.Default, var connection]) return new LocalAzurite(process, connection);

        await process.WaitForExitAsync(cancellationToken);
        var said = (await complaints).Trim().Split('\n');
        throw new DeepSightException(FailureKind.Failed, string.Join(' ', said.Where(text => !text.StartsWith("Hint:", StringComparison.Ordinal))),
            said.FirstOrDefault(text => text.StartsWith("Hint: ", StringComparison.Ordinal))?["Hint: ".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
