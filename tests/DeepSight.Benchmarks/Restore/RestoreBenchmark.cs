using System.Diagnostics;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;
using Npgsql;

namespace DeepSight.Benchmarks.Restore;

/// <summary>
/// A restore by swap, ANALYZE and verification included, against <c>gunzip -c | psql</c> and <c>pg_restore -j2</c> into an empty database, without and
/// with the vacuumdb that gathers its statistics; and over several sessions to a server a long way off.
/// </summary>
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

        var directory = Path.Combine(backups, "directory");
        await server.DumpDirectoryAsync(origin, directory, cancellationToken);

        var near = await Interleaved.RunAsync(
            [
                Swap(server.Url(Target), sessions: 2),
                Peer("gunzip -c | psql; vacuumdb -Z -j2", async token =>
                {
                    await PsqlAsync(server, server.Url(Target), file, token);
                    await AnalyzeAsync(token);
                }),
                Peer("pg_restore -j2; vacuumdb -Z -j2", async token =>
                {
                    await server.RunAsync("pg_restore", ["--jobs=2", "--no-owner", "--no-acl", "--exit-on-error", "--dbname", Target, directory], token);
                    await AnalyzeAsync(token);
                }),
                Peer("gunzip -c | psql", token => PsqlAsync(server, server.Url(Target), file, token)),
            ], repetitions, cancellationToken);

        await using var relay = new ThrottledRelay(origin);
        var distant = server.Url(Target) with { Host = "127.0.0.1", Port = relay.Port };
        var far = await Interleaved.RunAsync([Swap(distant, sessions: 4), Swap(distant, sessions: 1)], repetitions, cancellationToken);
        await EmptyAsync(server, cancellationToken);
        Directory.Delete(backups, recursive: true);

        // Not &&: every figure is shown.
        return Bound.Check("time of gunzip -c | psql", near[0].TimesAsLongAs(near[3]), 1.1)
            & Bound.Check("time of the same and vacuumdb", near[0].TimesAsLongAs(near[1]), 0.6)
            & Bound.Check("time of pg_restore -j2 and vacuumdb", near[0].TimesAsLongAs(near[2]), 1.0)
            & Bound.Check("four sessions, 20 MB/s and 20 ms away", far[0].TimesAsLongAs(far[1]), 0.35)
            & Bound.Check("peak memory, MiB", Math.Max(near[0].PeakMemoryBytes, far[0].PeakMemoryBytes) / 1024.0 / 1024, 256);

        Side Swap(DatabaseUrl target, int sessions) => new($"deepsight restore, swap, {sessions} session{(sessions == 1 ? "" : "s")}", async token =>
        {
            await EmptyAsync(server, token);
            return await CommandAsync(server, target, backups, ["restore", file, "--skip-backup", "--yes", "--sessions", $"{sessions}"], token);
        });

        Side Peer(string name, Func<CancellationToken, Task> run) => new(name, async token =>
        {
            await EmptyAsync(server, token);
            var clock = Stopwatch.StartNew();
            await run(token);
            return new Measurement(clock.Elapsed);
        });

        Task AnalyzeAsync(CancellationToken token) => server.RunAsync("vacuumdb", ["--analyze-only", "--jobs=2", "--quiet", Target], token);
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

    private static async Task PsqlAsync(BenchServer server, DatabaseUrl database, string file, CancellationToken cancellationToken)
    {
        var psql = server.Client.Command("psql");
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
    }
}
