using System.Diagnostics;
using System.Globalization;
using DeepSight.Benchmarks.Backup;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using Npgsql;

namespace DeepSight.Benchmarks.Health;

/// <summary>
/// Probes against the bare query, in turns, one at a time and 50 at a time: what the way through the app adds to the database's own
/// latency, idle and while a backup runs.
/// </summary>
internal static class HealthBenchmark
{
    private static readonly Load OneAtATime = new(Requests: 2_000, AtOnce: 1);
    private static readonly Load Many = new(Requests: 1_000, AtOnce: 50);

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var database = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        await using var app = await RunningApp.StartAsync(database, cancellationToken);
        using var client = new HttpClient();
        await using var connections = NpgsqlDataSource.Create(database.ToNpgsql("bench", pooling: true).ConnectionString);
        await MeasureAsync(ProbeAsync, Many, cancellationToken);
        await MeasureAsync(QueryAsync, Many, cancellationToken);

        var alone = await CompareAsync("idle, one at a time", OneAtATime);
        var idle = await CompareAsync("idle, 50 at a time", Many);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var backups = BackUpAsync(server, database, end.Token);
        var busy = await CompareAsync("during a backup, 50 at a time", Many);
        await end.CancelAsync();
        await backups.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Bound.Check("p99 over the bare query's, ms, idle, one at a time", alone, 10)
            & Bound.Check("p99 over the bare query's, ms, idle, 50 at a time", idle, 10)
            & Bound.Check("p99 over the bare query's, ms, during a backup, 50 at a time", busy, 10);

        // How much more the probe's 99th percentile is.
        async Task<double> CompareAsync(string when, Load load)
        {
            var (probes, queries) = (new List<double>(), new List<double>());
            for (var i = 0; i < repetitions; i++)
            {
                probes.Add(await MeasureAsync(ProbeAsync, load, cancellationToken));
                queries.Add(await MeasureAsync(QueryAsync, load, cancellationToken));
            }

            var (probe, query) = (Median(probes), Median(queries));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {when} | probe p99 {probe:F1} ms | bare query p99 {query:F1} ms | {probe / query:F2} |"));
            return probe - query;
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
    private static async Task<double> MeasureAsync(Func<CancellationToken, Task> request, Load load, CancellationToken cancellationToken)
    {
        var took = new double[load.Requests];
        await Parallel.ForAsync(0, load.Requests, new ParallelOptions { MaxDegreeOfParallelism = load.AtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            var started = Stopwatch.GetTimestamp();
            await request(token);
            took[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        });
        Array.Sort(took);
        return took[(int)(load.Requests * 0.99) - 1];
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private sealed record Load(int Requests, int AtOnce);
}
