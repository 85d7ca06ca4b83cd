using DeepSight.Benchmarks.Backup;
using DeepSight.Benchmarks.Codecs;
using DeepSight.Benchmarks.Migrations;
using DeepSight.Benchmarks.Restore;
using DeepSight.Benchmarks.S3;
using DeepSight.Benchmarks.Stores;

namespace DeepSight.Benchmarks;

/// <summary>
/// The benchmarks by name. Each takes the number of repetitions, prints its figures and returns whether its bounds are met.
/// </summary>
internal static class Benchmarks
{
    public static IReadOnlyDictionary<string, Func<int, CancellationToken, Task<bool>>> All { get; } =
        new Dictionary<string, Func<int, CancellationToken, Task<bool>>>
        {
            ["codecs"] = CodecBenchmark.RunAsync,
            ["backup"] = BackupBenchmark.RunAsync,
            ["restore"] = RestoreBenchmark.RunAsync,
            ["inspector"] = InspectorBenchmark.RunAsync,
            ["migrations"] = MigrationBenchmark.RunAsync,
            ["autogenerate"] = AutogenerateBenchmark.RunAsync,
            ["s3"] = S3Benchmark.RunAsync,
            ["stores"] = StoresBenchmark.RunAsync,
            ["health"] = Health.HealthBenchmark.RunAsync,
            ["memory"] = MemoryBenchmark.RunAsync,
            ["sessions"] = SessionsBenchmark.RunAsync,
            ["sealing"] = SealingBenchmark.RunAsync,
            ["retention"] = RetentionBenchmark.RunAsync,
        };
}
