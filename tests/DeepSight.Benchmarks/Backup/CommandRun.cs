using System.Diagnostics;
using System.Globalization;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;

namespace DeepSight.Benchmarks.Backup;

/// <summary><c>deepsight backup</c> as an operator runs it: a process of its own, start-up and all.</summary>
internal static class CommandRun
{
    /// <param name="s3">The settings of a bucket to upload to as well, or null.</param>
    /// <param name="sessions">How many read the database; null: the default.</param>
    /// <param name="cores">Those it stays on; null: any.</param>
    /// <param name="recipients">Those it is sealed for; null: not sealed.</param>
    public static Side Of(Compression compression, BenchServer server, DatabaseUrl database, IReadOnlyDictionary<string, string>? s3 = null, string? cores = null, string? recipients = null, int? sessions = null) =>
        new($"deepsight backup{(s3 is null ? "" : " --upload")}, {compression.ToString().ToLowerInvariant()}{(recipients is null ? "" : ", sealed")}{(sessions is null ? "" : $", {sessions} session{(sessions == 1 ? "" : "s")}")}",
            cancellationToken => RunAsync(compression, server, database, s3, cores, recipients, sessions, cancellationToken));

    private static async Task<Measurement> RunAsync(
        Compression compression, BenchServer server, DatabaseUrl database, IReadOnlyDictionary<string, string>? s3, string? cores, string? recipients, int? sessions, CancellationToken cancellationToken)
    {
        var backups = Path.Combine(BenchServer.OutputFolder, "backups");
        // Of a run that broke off.
        if (Directory.Exists(backups)) Directory.Delete(backups, recursive: true);
        var line = Cores.Line(cores, MeasuredCommand.Program);
        var start = new ProcessStartInfo(line[0], [.. line[1..], "backup", .. s3 is null ? (string[])[] : ["--upload"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATABASE_URL"] = database.ToString(),
                ["DATABASE_DIRECT_URL"] = null,
                ["BACKUP_DIR"] = backups,
                ["BACKUP_AGE_RECIPIENTS"] = recipients,
                ["BACKUP_SESSIONS"] = sessions?.ToString(CultureInfo.InvariantCulture),
                ["BACKUP_COMPRESSION"] = compression.ToString().ToLowerInvariant(),
                ["POSTGRES_CLIENT_DIR"] = Path.GetFullPath(Path.Combine(server.Client.Folder, "..", "..")),
            },
        };
        foreach (var (name, value) in s3 ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var peak = await PeakMemory.WatchAsync(process, cancellationToken);
        clock.Stop();
        if (process.ExitCode != 0)
            throw new DeepSightException(FailureKind.Failed,
                $"deepsight backup ended with exit code {process.ExitCode}:\n{await output}{await errors}");

        var ending = compression == Compression.Gzip ? ".sql.gz" : ".sql.zst";
        if (recipients is not null) ending += BackupName.SealedEnding;
        var written = Directory.Exists(backups) ? new DirectoryInfo(backups).EnumerateFiles("*" + ending).Where(file => !file.Name.Contains(".access.", StringComparison.Ordinal)).ToList() : [];
        if (written.Count != 1)
            throw new DeepSightException(FailureKind.Failed,
                $"deepsight backup ended with exit code 0 and left {written.Count} backups in '{backups}'.");
        var bytes = written[0].Length;
        Directory.Delete(backups, recursive: true);
        return new Measurement(clock.Elapsed, bytes, peak);
    }
}
