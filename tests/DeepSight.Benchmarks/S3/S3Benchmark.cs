using System.Diagnostics;
using System.Globalization;
using DeepSight.Benchmarks.Backup;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage.S3;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Benchmarks.S3;

/// <summary>Listing 12,000 objects, uploading 2 GB in bounded memory, and what an upload adds to a backup's time.</summary>
internal static class S3Benchmark
{
    private const int Objects = 12_000;

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var gateway = await BenchGateway.StartAsync(cancellationToken);
        var met = await ListAsync(gateway, cancellationToken) & await UploadAsync(gateway, cancellationToken);

        await using var server = await BenchServer.StartAsync(Cores.Ours, cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        var series = await Interleaved.RunAsync(
            [
                CommandRun.Of(Compression.Gzip, server, database, gateway.Environment, Cores.Ours),
                CommandRun.Of(Compression.Gzip, server, database, cores: Cores.Ours),
            ], repetitions, cancellationToken);
        return met & Bound.Check("time of a backup without an upload", series[0].TimesAsLongAs(series[1]), 1.1)
            & Bound.Check("peak memory, MiB", series[0].PeakMemoryBytes / 1024.0 / 1024, 256);
    }

    private static async Task<bool> ListAsync(BenchGateway gateway, CancellationToken cancellationToken)
    {
        using var client = gateway.Client();
        using var store = new S3BackupStore(gateway.Settings, TimeProvider.System, NullLogger<S3BackupStore>.Instance);
        await Parallel.ForAsync(0, Objects, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (i, token) =>
            await client.PutObjectAsync(new()
            {
                BucketName = gateway.Settings.Bucket,
                Key = string.Create(CultureInfo.InvariantCulture, $"{gateway.Settings.Prefix}deepsight_{20_200_000 + i / 400 * 100 + i / 20 % 20 + 1:00000000}_{i % 20:000000}.sql.gz"),
                ContentBody = "x",
            }, token));

        var clock = Stopwatch.StartNew();
        var names = await store.ListAsync("", "", cancellationToken).Select(found => found.Name).ToListAsync(cancellationToken);
        clock.Stop();
        if (names.Count != Objects || !names.SequenceEqual(names.Order(StringComparer.Ordinal)))
            throw new DeepSightException(FailureKind.Failed, $"{names.Count} objects of {Objects} were listed, or not in order.");
        await store.DeleteAsync(names, cancellationToken);
        return Bound.Check($"listing {Objects:N0} objects, seconds", clock.Elapsed.TotalSeconds, 2);
    }

    private static async Task<bool> UploadAsync(BenchGateway gateway, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "DeepSight.Benchmarks"), ["s3-upload", "2000"]) { RedirectStandardOutput = true };
        foreach (var (name, value) in gateway.Environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var figures = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')).ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"2,000 MiB uploaded in {figures["seconds"]:F1} s, {figures["cpu_seconds"]:F1} s of processor"));
        return Bound.Check("peak memory of that, MiB", figures["peak_mib"], 256);
    }
}
