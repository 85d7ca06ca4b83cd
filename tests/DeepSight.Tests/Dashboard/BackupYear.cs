using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Runs;

namespace DeepSight.Tests.Dashboard;

/// <summary>Fills a folder with a year of backups and runs, as their records have them; the dumps are empty space.</summary>
internal static class BackupYear
{
    /// <summary>The newest is an hour old, and a drill has proven it.</summary>
    /// <param name="backups">Spread over the year.</param>
    /// <param name="runs">At least as many.</param>
    /// <param name="odd">Put into every text that a record may hold.</param>
    public static void Fill(string folder, int backups, int runs, string odd = "")
    {
        var now = TimeProvider.System.GetUtcNow();
        var newest = new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero).AddHours(-1);
        for (var i = 0; i < backups; i++)
        {
            var time = newest - TimeSpan.FromSeconds(Math.Floor(TimeSpan.FromDays(364).TotalSeconds / backups) * i);
            var name = new BackupName("deepsight", time, Compression.Gzip, IsPreRestore: false);
            var bytes = i == 20 ? 100_000_000 : 380_000_000 - i * (100_000_000L / backups);
            Write(folder, name.ToString(), time, file => file.SetLength(bytes));
            Write(folder, name.Manifest, time, Json.ToUtf8(Manifest(name, bytes, 12_000_000 - i, odd)));
            if (i % 7 == 0) Write(folder, name.Verified, time, Json.ToUtf8(Drill(name, 12_000_000 - i)));
        }

        for (var i = 0; i < runs; i++)
        {
            var time = newest - TimeSpan.FromSeconds(Math.Floor(TimeSpan.FromDays(364).TotalSeconds / runs) * i);
            var record = Run(i, time, odd);
            Write(folder, record.ObjectName, time, Json.ToUtf8(record));
        }
    }

    private static BackupManifest Manifest(BackupName name, long bytes, long rows, string odd) => new()
    {
        Name = name.ToString(),
        DatabaseId = "test",
        Kind = BackupKind.Scheduled,
        Database = "app",
        ServerVersion = "18.1",
        PgDumpVersion = "18.1",
        ToolVersion = "1",
        StartedAt = name.Time,
        FinishedAt = name.Time.AddSeconds(50),
        StoredBytes = bytes,
        SqlBytes = bytes * 8,
        Sha256 = new string('a', 64),
        // Noted, so that a plan need not look into the file.
        NeededRoles = [],
        SuperuserNeeds = [],
        Tables = [new TableSummary(odd.Length == 0 ? "public.t" : $"public.\"{odd}\"", ["id"], rows, rows * 10, $"{rows:x16}")],
        Statements = new StatementSummary(5, "0000000000000001"),
        Values = new StatementSummary(1, "0000000000000001"),
    };

    private static DrillResult Drill(BackupName name, long rows) => new()
    {
        Name = name.ToString(),
        StartedAt = name.Time.AddMinutes(10),
        FinishedAt = name.Time.AddMinutes(12),
        RestoreSeconds = 100.5,
        Sha256 = new string('a', 64),
        ServerVersion = "18.1",
        ToolVersion = "1",
        Tables = 1,
        Rows = rows,
    };

    private static RunRecord Run(int i, DateTimeOffset time, string odd) => new()
    {
        Id = $"{i:x8}",
        Job = i % 5 == 4 ? JobNames.Retention : i % 5 == 3 ? JobNames.Verify : JobNames.Backup,
        Trigger = Triggers.Timer,
        Status = i % 9 == 8 ? RunStatus.Failed : RunStatus.Succeeded,
        StartedAt = time,
        FinishedAt = time.AddSeconds(50),
        Error = i % 9 == 8 ? $"The disk is full. {odd}" : null,
        Hint = i % 9 == 8 ? $"make room. {odd}" : null,
        Warnings = i % 4 == 0 ? [$"A role is missing. {odd}"] : [],
        RequestedBy = odd.Length > 0 ? odd : null,
        Mode = odd.Length > 0 ? odd : null,
        ToolVersion = "1",
    };

    private static void Write(string folder, string name, DateTimeOffset time, byte[] content) => Write(folder, name, time, file => file.Write(content));

    /// <summary>As old as what it tells of: retention reads the records of runs that were written lately.</summary>
    private static void Write(string folder, string name, DateTimeOffset time, Action<FileStream> write)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var file = File.Create(path)) write(file);
        File.SetLastWriteTimeUtc(path, time.UtcDateTime);
    }
}
