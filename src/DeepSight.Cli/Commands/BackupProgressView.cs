using DeepSight.Cli.Output;
using DeepSight.Core.Backup;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Cli.Commands;

/// <summary>How far a running backup is.</summary>
internal sealed class BackupProgressView : IProgress<BackupProgress>, IDisposable
{
    private readonly ProgressLine line;

    private BackupProgressView(Terminal terminal) => line = new ProgressLine(terminal);

    public static BackupProgressView Start(Terminal terminal) => new(terminal);

    public static void Announce(Terminal terminal, BackupStart start) => terminal.Note(
        $"  database  {start.Database} (PostgreSQL {start.ServerVersion}, {Human.Size(start.DatabaseBytes)})   client {start.ClientVersion}, " +
        start.ClientOrigin switch { ClientOrigin.Configured => "of POSTGRES_CLIENT_DIR", ClientOrigin.Bundled => "bundled", _ => "the system's" });

    public void Report(BackupProgress value) => line.Report(() => Describe(value));

    public void Dispose() => line.Dispose();

    private IEnumerable<string> Describe(BackupProgress value)
    {
        var rate = value.SqlBytes / Math.Max(line.Elapsed.TotalSeconds, 0.001);
        yield return "dumping";
        if (value.ExpectedSqlBytes is > 0 and { } expected)
        {
            // The last backup's size is a guess: never claim to be done before it is.
            foreach (var part in line.Share(Math.Min(0.99, (double)value.SqlBytes / expected)))
                yield return part;
        }

        if (value.Table is { } table) yield return table;
        yield return $"{Human.Size(rate)}/s";
        yield return $"{Human.Size(value.StoredBytes)} stored";
        if (value.ExpectedSqlBytes is { } total && total > value.SqlBytes && rate > 0)
            yield return "ETA " + Human.Clock(TimeSpan.FromSeconds((total - value.SqlBytes) / rate));
    }
}
