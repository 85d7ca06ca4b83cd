using System.Diagnostics;
using System.Globalization;
using DeepSight.Tests.Queues;
using DeepSight.Tests.Storage.Faults;

namespace DeepSight.Tests.Storage;

/// <summary>A large upload in a process of its own: its peak memory, with the service as fast as it is and slowed down.</summary>
public sealed class UploadMemoryTests(S3Server server, SharedAzurite azurite)
{
    public static TheoryData<long?> Speeds => Matrix.IsFull ? [(long?)null, (long?)20_000_000] : [(long?)null];

    [Fact]
    public async Task A_large_upload_stays_within_256_MiB() => await MeasureAsync(Matrix.IsFull ? 2_000 : 250, null);

    [Fact]
    public async Task A_large_upload_to_a_slow_service_stays_within_256_MiB() => await MeasureAsync(Matrix.IsFull ? 2_000 : 160, 20_000_000);

    [Theory]
    [MemberData(nameof(Speeds))]
    public async Task A_large_upload_to_Azure_stays_within_256_MiB(long? bytesPerSecond)
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        await using var proxy = await FaultProxy.StartAsync(container.Endpoint, bytesPerSecond);
        await ProbeAsync("azure-upload", Matrix.IsFull ? 2_000 : 250, bytesPerSecond, new Dictionary<string, string>
        {
            ["TEST_AZURE_CONNECTION"] = container.Connection(bytesPerSecond is null ? null : proxy.Address),
            ["TEST_AZURE_CONTAINER"] = container.Name,
        });
    }

    private async Task MeasureAsync(int mebibytes, long? bytesPerSecond)
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await using var proxy = await FaultProxy.StartAsync(bucket.Access.Endpoint, bytesPerSecond);
        await ProbeAsync("s3-upload", mebibytes, bytesPerSecond, new Dictionary<string, string>
        {
            ["TEST_S3_ENDPOINT"] = (bytesPerSecond is null ? bucket.Access.Endpoint : proxy.Address).AbsoluteUri,
            ["TEST_S3_ACCESS_KEY"] = bucket.Access.AccessKey,
            ["TEST_S3_SECRET_KEY"] = bucket.Access.SecretKey,
            ["TEST_S3_BUCKET"] = bucket.Name,
        });
    }

    private static async Task ProbeAsync(string verb, int mebibytes, long? bytesPerSecond, Dictionary<string, string> environment)
    {
        var probe = AppContext.BaseDirectory.Replace("DeepSight.Tests", "DeepSight.Benchmarks", StringComparison.Ordinal);
        var start = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : "dotnet", [Path.Combine(probe, "DeepSight.Benchmarks.dll"), verb, mebibytes.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);

        var figures = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')).ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture));
        TestContext.Current.SendDiagnosticMessage($"{verb}, {mebibytes} MiB at {(bytesPerSecond is { } rate ? $"{rate / 1e6} MB/s" : "full speed")}: {output.ReplaceLineEndings(" ")}");
        Assert.InRange(figures["peak_mib"], 1, 256);
    }
}
