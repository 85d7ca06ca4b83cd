using System.Diagnostics;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;
using Npgsql;

namespace DeepSight.Benchmarks.Restore;

/// <summary>A restore by swap, ANALYZE and verification included, against <c>gunzip -c | psql</c> into an empty database.</summary>
internal static class RestoreBenchmark
{
    private const string Target = "bench_restored";

    public static async Task<bool> RunAsync(int repetitions, CancellationToken cancellationToken)
    {
        await using var server = await BenchServer.StartAsync(cancellationToken);
        var origin = await BenchDatabase.GetAsync(server, gigabytes: 1, cancellationToken);
        var backups = Path.Combine(BenchServer.OutputFolder, "restore");
        if (Directory.Exists(backups)) Directory.Delete(backups, recursive: true);
        await CommandAsync(server, origin, backups, ["backup"], cancellationToken);
        var file = Directory.EnumerateFiles(backups, "*.sql.gz").Single(name => !name.EndsWith(".access.sql.gz", StringComparison.Ordinal));

        var series = await Interleaved.RunAsync(
            [
                new Side("deepsight restore, swap", async token =>
                {
                    await EmptyAsync(server, token);
                    return await CommandAsync(server, server.Url(Target), backups, ["restore", file, "--skip-backup", "--yes"], token);
                }),
                new Side("gunzip -c | psql", async token =>
                {
                    await EmptyAsync(server, token);
                    return await PeerAsync(server, server.Url(Target), file, token);
                }),
            ], repetitions, cancellationToken);
        await EmptyAsync(server, cancellationToken);
        Directory.Delete(backups, recursive: true);

        // Not &&: every figure is shown.
        return Bound.Check("time of gunzip -c | psql", series[0].TimesAsLongAs(series[1]), 1.1)
            & Bound.Check("peak memory, MiB", series[0].PeakMemoryBytes / 1024.0 / 1024, 256);
    }

    /// <summary>Each run finds an empty target, and nothing of the run before it.</summary>
    private static async Task EmptyAsync(BenchServer server, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(server.Url("postgres"), "deepsight bench", cancellationToken);
        var old = new List<string>();
        await using (var listing = new NpgsqlCommand($"select datname::text from pg_database where datname like '{Target}%'", connection))
        await using (var row = await listing.ExecuteReaderAsync(cancellationToken))
            while (await row.ReadAsync(cancellationToken)) old.Add(row.GetString(0));
        foreach (var statement in old.Select(name => $"DROP DATABASE \"{name}\" WITH (FORCE)").Append($"CREATE DATABASE {Target}").Append("CHECKPOINT"))
        {
            await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<Measurement> CommandAsync(BenchServer server, DatabaseUrl database, string backups, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(MeasuredCommand.Program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATABASE_URL"] = database.ToString(),
                ["DATABASE_DIRECT_URL"] = null,
                ["BACKUP_DIR"] = backups,
                ["BACKUP_STORE"] = "local",
                ["POSTGRES_CLIENT_DIR"] = Path.GetFullPath(Path.Combine(server.Client.Folder, "..", "..")),
            },
        };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var peak = await PeakMemory.WatchAsync(process, cancellationToken);
        clock.Stop();
        return process.ExitCode == 0 ? new Measurement(clock.Elapsed, 0, peak) : throw new DeepSightException(FailureKind.Failed,
            $"deepsight {arguments[0]} ended with exit code {process.ExitCode}:\n{await output}{await errors}");
    }

    private static async Task<Measurement> PeerAsync(BenchServer server, DatabaseUrl database, string file, CancellationToken cancellationToken)
    {
        var psql = server.Client.Command("psql");
        var clock = Stopwatch.StartNew();
        await using var shell = ToolProcess.Start(new ToolCommand
        {
            Name = "gunzip -c | psql",
            Program = "bash",
            Arguments =
            [
                "-c", "set -o pipefail; file=$1; shift; gunzip -c \"$file\" | \"$@\" >/dev/null", "bash", file,
                psql.Program, .. psql.Arguments, "-X", "-q", "-v", "ON_ERROR_STOP=1",
            ],
            Environment = new Dictionary<string, string>(psql.Environment.Concat(database.ToLibpqEnvironment())),
        }, cancellationToken);
        await shell.WaitForSuccessAsync();
        return new Measurement(clock.Elapsed);
    }
}
