using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps;

namespace DeepSight.Benchmarks.Backup;

/// <summary>What sealing for two recipients adds to a backup of 1 GB.</summary>
internal static class SealingBenchmark
{
    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        var recipients = $"{X25519Identity.New().Recipient},{X25519Identity.New().Recipient}";

        var met = true;
        foreach (var compression in Enum.GetValues<Compression>())
        {
            var series = await Interleaved.RunAsync(
                [CommandRun.Of(compression, server, database, recipients: recipients), CommandRun.Of(compression, server, database)], repetitions, cancellationToken);
            met &= Bound.Check($"sealing in {compression}", series[0].TimesAsLongAs(series[1]), 1.10)
                & Bound.Check("peak memory, MiB", series[0].PeakMemoryBytes / 1024.0 / 1024, 256);
        }

        return met;
    }
}
