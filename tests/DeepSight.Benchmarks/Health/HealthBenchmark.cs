using System.Diagnostics;
using System.Globalization;
using DeepSight.Benchmarks.Backup;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Backup;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Benchmarks.Health;

/// <summary>
/// 50 probes at a time against the bare query, 50 at a time as well, in turns: what the way through the app adds to the database's
/// own latency, idle and while a backup runs.
/// </summary>
internal static class HealthBenchmark
{
    private const int Requests = 1_000;
    private const int AtOnce = 50;

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        await using var app = await RunningApp.StartAsync(database, cancellationToken);
        using var client = new HttpClient();
        await using var connections = NpgsqlDataSource.Create(database.ToNpgsql("bench", pooling: true).ConnectionString);
        await MeasureAsync(ProbeAsync, cancellationToken);
        await MeasureAsync(QueryAsync, cancellationToken);

        var idle = await CompareAsync("idle", repetitions);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var backups = BackUpAsync(server, database, end.Token);
        var busy = await CompareAsync("during a backup", repetitions);
        await end.CancelAsync();
        await backups.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Bound.Check("p99 over the bare query's, ms, idle", idle.Over, 10)
            & Bound.Check("p99 over the bare query's, ms, during a backup", busy.Over, 10);

        async Task<(double Over, double Probe)> CompareAsync(string when, int times)
        {
            var (probes, queries) = (new List<double>(), new List<double>());
            for (var i = 0; i < times; i++)
            {
                probes.Add(await MeasureAsync(ProbeAsync, cancellationToken));
                queries.Add(await MeasureAsync(QueryAsync, cancellationToken));
            }

            var (probe, query) = (Median(probes), Median(queries));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {when} | probe p99 {probe:F1} ms | bare query p99 {query:F1} ms | {probe / query:F2} |"));
            return (probe - query, probe);
        }

        async Task ProbeAsync(CancellationToken token) => (await client.GetAsync(app.Address, token)).EnsureSuccessStatusCode();

        async Task QueryAsync(CancellationToken token)
        {
            await using var query = connections.CreateCommand("select version(), pg_database_size(current_database()), (select count(*) from pg_stat_activity), current_setting('max_connections')");
            await query.ExecuteScalarAsync(token);
        }
    }

    private static async Task BackUpAsync(BenchServer server, DatabaseUrl database, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
            await CommandRun.Of(Compression.Gzip, server, database).RunAsync(cancellationToken);
    }

    /// <returns>The 99th percentile in milliseconds.</returns>
    private static async Task<double> MeasureAsync(Func<CancellationToken, Task> request, CancellationToken cancellationToken)
    {
        var took = new double[Requests];
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            var started = Stopwatch.GetTimestamp();
            await request(token);
            took[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        });
        Array.Sort(took);
        return took[(int)(Requests * 0.99) - 1];
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
