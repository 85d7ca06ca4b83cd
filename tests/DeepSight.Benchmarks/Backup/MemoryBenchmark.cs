using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Dumps;

namespace DeepSight.Benchmarks.Backup;

/// <summary>The memory of a backup does not grow with the database: 1 GB against 4 GB.</summary>
internal static class MemoryBenchmark
{
    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var large = await BenchDatabase.GetAsync(server, gigabytes: 4, cancellationToken);
        var small = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);

        var met = true;
        foreach (var compression in Enum.GetValues<Compression>())
        {
            var series = await Interleaved.RunAsync(
                [CommandRun.Of(compression, server, large), CommandRun.Of(compression, server, small)], repetitions, cancellationToken);
            met &= Bound.Check($"{compression} of 4 GB, peak memory, MiB", series[0].PeakMemoryBytes / 1024.0 / 1024, 256)
                & Bound.Check("peak memory of 1 GB", (double)series[0].PeakMemoryBytes / series[1].PeakMemoryBytes, 1.15);
        }

        return met;
    }
}
