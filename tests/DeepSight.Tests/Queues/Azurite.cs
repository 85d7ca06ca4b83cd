using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Queues;

/// <summary>A real storage emulator on ports of its own. It keeps its data over a stop and a start.</summary>
public sealed class Azurite : IAsyncDisposable
{
    private const string Account = "deepsighttest";
    private readonly TemporaryFolder folder = new();
    private readonly string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly int blobPort = FreePort();
    private readonly int queuePort = FreePort();
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
        var program = Path.Combine(Root(), ".deepsight", "azurite", "node_modules", "azurite", "dist", "src", "azurite.js");
        Assert.True(File.Exists(program), $"Azurite is not in '{program}'. Hint: infra/local/azurite/build.sh .deepsight/azurite");

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
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        await Task.WhenAll(AnswersAsync(blobPort), AnswersAsync(queuePort));
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

    private async Task AnswersAsync(int port)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (tries < 300 && !process!.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DeepSight.Functions.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
