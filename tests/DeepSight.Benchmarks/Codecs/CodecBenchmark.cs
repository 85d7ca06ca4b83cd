using System.Globalization;
using DeepSight.Benchmarks.Database;
using DeepSight.Core.Postgres;

namespace DeepSight.Benchmarks.Codecs;

/// <summary>
/// What docs/decisions/compression.md rests on: size and CPU time of every level, block by block, over a sample of the 1 GB
/// database's dump. CPU time of one core rather than the clock, since nothing else is to be waited for.
/// </summary>
internal static class CodecBenchmark
{
    private const int BlockBytes = 1024 * 1024;

    private static IEnumerable<Codec> Codecs =>
        [.. Enumerable.Range(1, 9).Select(Codec.Gzip), .. Enumerable.Range(1, 5).Select(Codec.Zstd)];

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        var sample = await SampleAsync(cancellationToken);
        var seconds = Codecs.ToDictionary(codec => codec.Name, _ => new List<double>());
        var bytes = new Dictionary<string, long>();
        // One round more: the first is for the compiler.
        for (var round = 0; round <= repetitions; round++)
        {
            foreach (var codec in Codecs)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var before = Environment.CpuUsage.TotalTime;
                bytes[codec.Name] = Compress(codec, sample);
                if (round > 0) seconds[codec.Name].Add((Environment.CpuUsage.TotalTime - before).TotalSeconds);
            }
        }

        Console.WriteLine($"{sample.Length / 1e6:F0} MB of dump in blocks of 1 MiB");
        Console.WriteLine("| codec | ratio | MB/s of a core, median | min–max |\n|---|---|---|---|");
        foreach (var codec in Codecs)
        {
            var speeds = seconds[codec.Name].Select(taken => sample.Length / 1e6 / taken).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {codec.Name} | {(double)sample.Length / bytes[codec.Name]:F2} | {speeds[speeds.Count / 2]:F0} | ")
                + string.Create(CultureInfo.InvariantCulture, $"{speeds[0]:F0}–{speeds[^1]:F0} |"));
        }

        return true;
    }

    /// <summary>Every eighth stretch of 16 MiB, in the dump's order.</summary>
    private static async Task<byte[]> SampleAsync(CancellationToken cancellationToken)
    {
        const int stretch = 16 * 1024 * 1024;
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        await using var dump = PostgresTools.StartDump(database, server.Client, new DumpOptions(), cancellationToken);

        using var sample = new MemoryStream();
        var buffer = new byte[stretch];
        for (var number = 0; ; number++)
        {
            var read = await dump.Output.ReadAtLeastAsync(buffer, stretch, throwOnEndOfStream: false, cancellationToken);
            if (read == 0) break;
            if (number % 8 == 0) sample.Write(buffer.AsSpan(0, read));
        }

        await dump.WaitForSuccessAsync();
        return sample.ToArray();
    }

    private static long Compress(Codec codec, byte[] sample)
    {
        using var output = new MemoryStream(BlockBytes);
        var bytes = 0L;
        for (var offset = 0; offset < sample.Length; offset += BlockBytes)
        {
            output.SetLength(0);
            using (var stream = codec.Open(output)) stream.Write(sample.AsSpan(offset, Math.Min(BlockBytes, sample.Length - offset)));
            bytes += output.Length;
        }

        return bytes;
    }
}
