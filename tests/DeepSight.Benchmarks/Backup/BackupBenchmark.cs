using DeepSight.Benchmarks.Codecs;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Dumps;

namespace DeepSight.Benchmarks.Backup;

/// <summary>A backup against what one would type instead, on a database of about 1 GB.</summary>
internal static class BackupBenchmark
{
    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);

        var gzip = await Interleaved.RunAsync(
            [
                CommandRun.Of(Compression.Gzip, server, database),
                BarePipeline.Of("the bare pipeline, gzip 3", Codec.Gzip(3), () => new DumpInspector(), server, database),
                PeerPipeline.Of("gzip -6", "gzip", server, database),
            ], repetitions, cancellationToken);
        var zstd = await Interleaved.RunAsync(
            [
                CommandRun.Of(Compression.Zstd, server, database),
                BarePipeline.Of("the bare pipeline, zstd 2", Codec.Zstd(2), () => new DumpInspector(), server, database),
                PeerPipeline.Of("zstd -q -3", "zstd", server, database),
            ], repetitions, cancellationToken);

        // Not &&: every figure is shown.
        return Bound.Check("time of gzip -6", gzip[0].TimesAsLongAs(gzip[^1]), 0.35)
            & Bound.Check("size of gzip -6", (double)gzip[0].Bytes / gzip[^1].Bytes, 1.15)
            & Bound.Check("time of zstd -3", zstd[0].TimesAsLongAs(zstd[^1]), 1.25)
            & Bound.Check("signing a manifest of 100 tables and checking it, of the time of a backup", SigningCost.OfManifest(bytes: 25_000) / gzip[0].MedianSeconds, 0.01)
            & Bound.Check("peak memory, MiB", gzip.Concat(zstd).Max(series => series.PeakMemoryBytes) / 1024.0 / 1024, 256);
    }
}
