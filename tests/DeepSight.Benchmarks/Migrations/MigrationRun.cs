using System.Diagnostics;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core;
using DeepSight.Core.Postgres;

namespace DeepSight.Benchmarks.Migrations;

/// <summary>One run of either tool over a folder of scripts.</summary>
internal static class MigrationRun
{
    public static Task<Measurement> OursAsync(DatabaseUrl database, string folder, CancellationToken cancellationToken) => RunAsync(
        new ProcessStartInfo(MeasuredCommand.Program, ["migrate", "up"])
        {
            Environment =
            {
                ["DATABASE_URL"] = database.ToString(),
                ["DATABASE_DIRECT_URL"] = null,
                ["MIGRATIONS_DIR"] = folder,
                ["BACKUP_DIR"] = Path.Combine(BenchServer.OutputFolder, "backups"),
            },
        }, cancellationToken);

    public static Task<Measurement> GrateAsync(string grate, DatabaseUrl database, string folder, CancellationToken cancellationToken) => RunAsync(
        new ProcessStartInfo(grate,
        [
            $"--connstring=Host={database.Host};Username={database.User};Database={database.Database}", "--databasetype=postgresql", $"--sqlfilesdirectory={folder}",
            $"--outputPath={Path.Combine(BenchServer.OutputFolder, "grate")}", "--createdatabase=false", "--noninteractive", "--silent",
        ]), cancellationToken);

    private static async Task<Measurement> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        clock.Stop();
        return process.ExitCode == 0
            ? new Measurement(clock.Elapsed)
            : throw new DeepSightException(FailureKind.Failed, $"{start.FileName} ended with exit code {process.ExitCode}:\n{await output}{await errors}");
    }
}
