using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Dumps;

namespace DeepSight.Benchmarks.Backup;

/// <summary>A backup of 1 GB over several sessions against one over one session: to a server at hand, and to one a long way off.</summary>
internal static class SessionsBenchmark
{
    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        var met = true;
        foreach (var compression in Enum.GetValues<Compression>())
        {
            var near = await Interleaved.RunAsync(
                [CommandRun.Of(compression, server, database, sessions: 2), CommandRun.Of(compression, server, database, sessions: 1)], repetitions, cancellationToken);
            met &= Bound.Check($"two sessions, {compression}", near[0].TimesAsLongAs(near[1]), 1.03)
                & Bound.Check("peak memory, MiB", near[0].PeakMemoryBytes / 1024.0 / 1024, 256);
        }

        await using var relay = new ThrottledRelay(database);
        var distant = database with { Host = "127.0.0.1", Port = relay.Port };
        var far = await Interleaved.RunAsync(
            [CommandRun.Of(Compression.Zstd, server, distant, sessions: 4), CommandRun.Of(Compression.Zstd, server, distant, sessions: 1)], repetitions, cancellationToken);
        return met & Bound.Check("four sessions, 20 MB/s and 20 ms away", far[0].TimesAsLongAs(far[1]), 0.30)
            & Bound.Check("peak memory, MiB", far[0].PeakMemoryBytes / 1024.0 / 1024, 256);
    }
}
