using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight backup</c>.</summary>
internal static class BackupCommand
{
    private static readonly Option<TimeSpan?> IfOlderThan = new("--if-older-than")
    {
        Description = "Do nothing when a good backup is younger than this: 90m, 12h, 2d.",
        HelpName = "age",
        CustomParser = Durations.Parse,
    };

    private static readonly Option<bool> Upload = new("--upload") { Description = "Write to S3 and Azure as well, in the same pass." };

    private static readonly Option<int?> Sessions = SessionsOption.Of("How many sessions read the database, 1 to 16: large tables in pieces, side by side. Default: BACKUP_SESSIONS.");

    public static Command Define() => CommandContext.Command("backup",
        "Back up the database to the local directory, and prove on the way that the dump is whole.", RunAsync, Upload, IfOlderThan, Sessions);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var stores = context.Get<BackupStores>();
        var upload = context.Parsed.GetValue(Upload);
        var destinations = stores.ForCommand(upload);
        // What only this machine holds is no reason to leave S3 without a backup.
        var among = stores.Wanted is { Count: > 0 } wanted ? wanted : upload ? stores.Remote : stores.All;
        if (context.Parsed.GetValue(IfOlderThan) is { } age && await stores.FindYoungerThanAsync(age, among, cancellationToken) is { } young)
        {
            context.Terminal.Object(new SkippedBackupJson(Skipped: true, young.Name.ToString()));
            context.Terminal.Success($"{young.Name} is younger than {Human.Age(age)}: nothing to do");
            return ExitCodes.Done;
        }

        var database = context.Settings.Database.ForJobs();
        context.WarnOfDirectory();
        var request = new BackupRequest(database, BackupKind.Manual, destinations, Triggers.Command)
        {
            Sessions = context.Parsed.GetValue(Sessions),
            Starting = start => BackupProgressView.Announce(context.Terminal, start),
        };
        using var progress = BackupProgressView.Start(context.Terminal);
        var result = await context.Get<BackupJob>().RunAsync(request, progress, cancellationToken);
        progress.Dispose();

        Print(context.Terminal, result);
        return result.Failure is { } failure ? (int)failure.Kind : ExitCodes.Done;
    }

    private static void Print(Terminal terminal, BackupResult result)
    {
        var manifest = result.Manifest;
        terminal.Object(BackupJson.Of(result));
        terminal.Success($"{manifest.Name}   {Human.Size(manifest.StoredBytes)} ({(double)manifest.SqlBytes / manifest.StoredBytes:0.0}:1)   " +
            $"{manifest.Tables.Count} tables, {manifest.Rows:N0} rows   {Human.Duration(manifest.FinishedAt - manifest.StartedAt)}");
        foreach (var location in result.Locations) terminal.Line($"  in {location}");
        terminal.Line("  proven on the way: exit code, trailer, per-table rows and checksums");
        foreach (var warning in result.Warnings) terminal.Warning(warning);
        if (result.Failure is { } missing) terminal.Problem(missing.Message, missing.Hint);
    }
}

/// <summary><c>backup</c>.</summary>
internal sealed record BackupJson(BackupManifest Manifest, IReadOnlyList<string> Locations, IReadOnlyList<BackupJson.FailedStore> Failures)
{
    public static BackupJson Of(BackupResult result) => new(result.Manifest, result.Locations,
        [.. result.Failures.Concat(result.Shortfalls).Select(failed => new FailedStore(failed.Store.Location, failed.Failure.Message, failed.Failure.Hint))]);

    internal sealed record FailedStore(string Store, string Error, string? Hint);
}

/// <summary><c>backup --if-older-than</c> where one is young enough.</summary>
internal sealed record SkippedBackupJson(bool Skipped, string Name);
