using System.Diagnostics;
using System.Text;
using DeepSight.Benchmarks.Database;
using DeepSight.Core.Migrations;
using DeepSight.Core.Migrations.Autogenerate;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Benchmarks.Migrations;

/// <summary>500 tables with 5,000 columns and 1,000 indexes, every tenth of them changed: what comparing takes beyond loading both schemas.</summary>
internal static class AutogenerateBenchmark
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var folder = Path.Combine(BenchServer.OutputFolder, "autogenerate");
        Directory.CreateDirectory(Path.Combine(folder, "up"));
        await File.WriteAllTextAsync(Path.Combine(folder, "up", "0001_was.sql"), Schema(isChanged: false), cancellationToken);
        using var clients = new PostgresClients(new DatabaseSettings());
        var job = new Autogeneration(new MigrationSettings { Directory = folder }, clients, TimeProvider.System);
        var comparing = new List<TimeSpan>();
        for (var i = 0; i < repetitions; i++)
        {
            using var sql = new MemoryStream(Encoding.UTF8.GetBytes(Schema(isChanged: true)));
            var steps = new Steps();
            await job.CompareAsync(await DeclaredSchema.OfStreamAsync(sql, "will.sql", cancellationToken), server.Url("postgres"), new CompareRequest(["head"], []) { IsShort = true }, steps, cancellationToken);
            comparing.Add(steps.Comparing);
            Console.WriteLine($"  loading {steps.Loading.TotalSeconds:0.0} s, comparing {steps.Comparing.TotalSeconds:0.00} s, proving {steps.Proving.TotalSeconds:0.0} s");
        }

        var median = comparing.Order().ElementAt(comparing.Count / 2);
        Console.WriteLine($"  comparing: {median.TotalSeconds:0.00} s, bound {Bound.TotalSeconds:0} s: {(median <= Bound ? "met" : "not met")}");
        return median <= Bound;
    }

    private static string Schema(bool isChanged)
    {
        var sql = new StringBuilder();
        for (var table = 0; table < 500; table++)
        {
            var isOther = isChanged && table % 10 == 0;
            sql.Append($"create table t{table} (id bigint primary key, {string.Join(", ", Enumerable.Range(1, 9).Select(column => $"c{column} {(column == 1 && isOther ? "bigint" : column % 2 == 0 ? "text" : "integer")}{(column == 2 ? " not null default ''" : "")}"))});\n");
            sql.Append($"create index t{table}_c1 on t{table} (c1);\ncreate index t{table}_c2 on t{table} ({(isOther ? "c2, c3" : "c2")});\n");
        }

        return sql.ToString();
    }

    /// <summary>When each step began; what runs after the last one is the proof.</summary>
    private sealed class Steps : IProgress<string>
    {
        private readonly List<long> began = [];
        private readonly long started = Stopwatch.GetTimestamp();

        public TimeSpan Loading => Stopwatch.GetElapsedTime(started, began[^2]);

        public TimeSpan Comparing => Stopwatch.GetElapsedTime(began[^2], began[^1]);

        public TimeSpan Proving => Stopwatch.GetElapsedTime(began[^1]);

        public void Report(string value) => began.Add(Stopwatch.GetTimestamp());
    }
}
