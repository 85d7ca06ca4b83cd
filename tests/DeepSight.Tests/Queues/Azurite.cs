using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Queues;

/// <summary>A real storage emulator on ports of its own choice. It keeps them and its data over a stop and a start.</summary>
public sealed partial class Azurite : IAsyncDisposable
{
    private const string Account = "deepsighttest";
    private readonly TemporaryFolder folder = new();
    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private int blobPort;
    private int queuePort;
    private Process? process;

    private Azurite()
    {
    }

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key};"
        + $"BlobEndpoint=http://127.0.0.1:{blobPort}/{Account};QueueEndpoint=http://127.0.0.1:{queuePort}/{Account};";

    public static async Task<Azurite> StartNewAsync()
    {
        var azurite = new Azurite();
        await azurite.StartAsync();
        return azurite;
    }

    public async Task StartAsync()
    {
        var program = Path.Combine(Clone.Root, ".deepsight", "azurite", "node_modules", "azurite", "dist", "src", "azurite.js");
        if (!File.Exists(program)) throw new InvalidOperationException($"Azurite is not in '{program}'. Hint: infra/local/azurite/build.sh .deepsight/azurite");

        // Ends in good order, all data written, when its input is closed: by a stop, or because the test run is no more.
        const string attached = """ "$@" </dev/null & cat >/dev/null; kill -TERM $!; wait $! """;
        // It trails the SDK's API version.
        var start = new ProcessStartInfo("bash",
            ["-c", attached, "azurite", "node", program, "--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", folder.Path,
             "--blobPort", $"{blobPort}", "--queuePort", $"{queuePort}", "--tablePort", "0"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["AZURITE_ACCOUNTS"] = $"{Account}:{key}";
        process = Process.Start(start)!;
        blobPort = await PortOfAsync("Blob");
        queuePort = await PortOfAsync("Queue");
        // Drained, so that it never waits for us.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (process is null) return;

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }

    /// <summary>It says where each service listens, in this order.</summary>
    private async Task<int> PortOfAsync(string service)
    {
        var said = new List<string>();
        while (await process!.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (Listening().Match(line) is { Success: true } match && match.Groups["service"].Value == service)
                return int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException($"Azurite did not start: {string.Join('\n', said)}");
    }

    [GeneratedRegex("Azurite (?<service>Blob|Queue) service .*listen.* at http://[0-9.]+:(?<port>[0-9]+)")]
    private static partial Regex Listening();
}
