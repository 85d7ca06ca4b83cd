using DeepSight.Benchmarks.Codecs;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Dumps;

namespace DeepSight.Benchmarks.Backup;

/// <summary>What the inspector adds to the pipeline that it rides on.</summary>
internal static class InspectorBenchmark
{
    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);

        var met = true;
        foreach (var codec in new[] { Codec.Gzip(3), Codec.Zstd(2) })
        {
            var inspected = BarePipeline.Of($"{codec.Name}, inspected", codec, () => new DumpInspector(), server, database);
            var notInspected = BarePipeline.Of($"{codec.Name}, not inspected", codec, () => null, server, database);
            // One run for the compiler.
            await inspected.RunAsync(cancellationToken);

            var series = await Interleaved.RunAsync([inspected, notInspected], repetitions, cancellationToken);
            met &= Bound.Check($"inspection in {codec.Name}", series[0].TimesAsLongAs(series[1]), 1.10);
        }

        return met;
    }
}
