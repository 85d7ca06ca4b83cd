using System.Diagnostics;
using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Signing;

namespace DeepSight.Benchmarks.Backup;

/// <summary>What a signature adds to a backup and its check to a restore, for the first time in a process: nothing is compiled or cached yet.</summary>
internal static class SigningCost
{
    /// <returns>Seconds, of both.</returns>
    public static double OfManifest(int tables)
    {
        var manifest = Json.ToUtf8(new BackupManifest
        {
            Name = "deepsight_20260212_030000.sql.gz",
            DatabaseId = "0123456789ab",
            Kind = BackupKind.Manual,
            Database = "app",
            ServerVersion = "17.6",
            PgDumpVersion = "17.6",
            ToolVersion = "1.0",
            StartedAt = DateTimeOffset.UnixEpoch,
            FinishedAt = DateTimeOffset.UnixEpoch,
            StoredBytes = 1000,
            SqlBytes = 8000,
            Sha256 = new string('a', 64),
            Tables = [.. Enumerable.Range(0, tables).Select(number => new TableSummary($"public.table_{number}", ["id", "name", "at"], 10, 100, "0123456789abcdef"))],
            Statements = new StatementSummary(3, "0123456789abcdef"),
            Values = new StatementSummary(0, "0000000000000000"),
        });
        var key = SigningKey.New();
        var started = Stopwatch.GetTimestamp();
        var signed = ManifestSignature.Add(manifest, key);
        var doubt = ManifestSignature.WhyUntrusted(signed, [key.Public]);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return doubt is null ? elapsed.TotalSeconds : throw new InvalidOperationException(doubt);
    }
}
