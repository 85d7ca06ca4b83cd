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
        start.ClientOrigin switch { ClientOrigin.Configured => "of POSTGRES_CLIENT_DIR", ClientOrigin.Bundled => "bundled", _ => "the system's" }
        + (start.Sessions == 1 ? "" : $"   {start.Sessions} sessions"));

    public void Report(BackupProgress value) => line.Report(() => Describe(value));

    public void Dispose() => line.Dispose();

    private ProgressStatus Describe(BackupProgress value)
    {
        var status = new ProgressStatus("dumping") { Table = value.Table, Amount = $"{Human.Size(value.StoredBytes)} stored" };
        // The last backup's size is a guess: never claim to be done before it is.
        if (value.ExpectedSqlBytes is > 0 and { } expected) status = status with { Done = Math.Min(0.99, (double)value.SqlBytes / expected) };
        if (line.Seconds is not { } seconds) return status;

        var rate = value.SqlBytes / seconds;
        return status with
        {
            Rate = $"{Human.Size(rate)}/s",
            TimeLeft = value.ExpectedSqlBytes is { } total && total > value.SqlBytes && rate > 0 ? TimeSpan.FromSeconds((total - value.SqlBytes) / rate) : null,
        };
    }
}
