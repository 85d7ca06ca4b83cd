using System.Diagnostics;
using DeepSight.Benchmarks.Database;
using DeepSight.Benchmarks.Measuring;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Benchmarks.Backup;

/// <summary>What one would type instead: <c>pg_dump --no-owner --no-acl | COMPRESSOR > FILE</c>.</summary>
internal static class PeerPipeline
{
    public static Side Of(string compressor, string program, BenchServer server, DatabaseUrl database) =>
        new($"pg_dump to {compressor}", cancellationToken => RunAsync(compressor, program, server, database, cancellationToken));

    private static async Task<Measurement> RunAsync(
        string compressor, string program, BenchServer server, DatabaseUrl database, CancellationToken cancellationToken)
    {
        if (!IsInstalled(program))
            throw new DeepSightException(FailureKind.Failed, $"The peer '{program}' is not installed.",
                $"Debian and Ubuntu: apt install {program}.");

        Directory.CreateDirectory(BenchServer.OutputFolder);
        var file = Path.Combine(BenchServer.OutputFolder, "peer");
        var dump = server.Client.Command("pg_dump");
        var clock = Stopwatch.StartNew();
        await using var shell = ToolProcess.Start(new ToolCommand
        {
            Name = compressor,
            Program = "bash",
            Arguments =
            [
                "-c", $"set -o pipefail; file=$1; shift; \"$@\" | {compressor} >\"$file\"", "bash", file,
                dump.Program, .. dump.Arguments, "--no-owner", "--no-acl",
            ],
            Environment = new Dictionary<string, string>(dump.Environment.Concat(database.ToLibpqEnvironment())),
        }, cancellationToken);
        await shell.WaitForSuccessAsync();
        clock.Stop();

        var written = new FileInfo(file).Length;
        File.Delete(file);
        return new Measurement(clock.Elapsed, written);
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
