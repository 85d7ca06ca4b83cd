using System.Diagnostics;
using System.Globalization;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Blobs;
using DeepSight.Core.Storage.S3;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Benchmarks;

/// <summary>What an upload costs in a process of its own: time, processor and peak resident memory, printed as <c>name=value</c> lines.</summary>
internal static class UploadProbe
{
    public static async Task<int> ToS3Async(int mebibytes)
    {
        var settings = new S3Settings
        {
            Endpoint = new Uri(Required("TEST_S3_ENDPOINT")),
            AccessKeyId = Required("TEST_S3_ACCESS_KEY"),
            SecretAccessKey = Required("TEST_S3_SECRET_KEY"),
            Bucket = Required("TEST_S3_BUCKET"),
        };
        using var store = new S3BackupStore(settings, TimeProvider.System, NullLogger<S3BackupStore>.Instance);
        return await RunAsync(store, mebibytes);
    }

    public static async Task<int> ToAzureAsync(int mebibytes)
    {
        var settings = new AzureSettings { Connection = Required("TEST_AZURE_CONNECTION"), Container = Required("TEST_AZURE_CONTAINER") };
        using var store = new AzureBackupStore(settings, TimeProvider.System, NullLogger<AzureBackupStore>.Instance);
        return await RunAsync(store, mebibytes);
    }

    private static async Task<int> RunAsync(IBackupStore store, int mebibytes)
    {
        var content = new byte[1 << 20];
        new Random(1).NextBytes(content);

        var watch = Stopwatch.StartNew();
        await using (var upload = await store.BeginUploadAsync("probe_20260101_000000.sql.gz", CancellationToken.None))
        {
            for (var i = 0; i < mebibytes; i++)
                await upload.WriteAsync(content, CancellationToken.None);
            await upload.CompleteAsync(CancellationToken.None);
        }

        Print("seconds", watch.Elapsed.TotalSeconds);
        Print("cpu_seconds", Environment.CpuUsage.TotalTime.TotalSeconds);
        Print("peak_mib", PeakMebibytes());
        return 0;
    }

    /// <summary>The kernel's own high-water mark: what a limit on the container would see.</summary>
    private static double PeakMebibytes() =>
        double.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    private static void Print(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}={value:0.00}"));

    private static string Required(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} must be set.");
}
