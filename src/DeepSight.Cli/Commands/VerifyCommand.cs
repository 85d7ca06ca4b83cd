using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Postgres;
using DeepSight.Core.Runs;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight verify</c>: does it restore?</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "The backup's name, as `deepsight list` shows it.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<bool> Latest = new("--latest") { Description = "The newest good backup." };

    private static readonly Option<bool> AllUnverified = new("--all-unverified") { Description = "Every backup that no drill has proven yet, newest first." };

    private static readonly Option<bool> Quick = new("--quick") { Description = "The file alone: hash, decompression, trailer, rows. It proves nothing about restoring." };

    private static readonly Option<bool> OnTarget = new("--on-target") { Description = "Make the scratch database on the server of DATABASE_URL instead of VERIFY_DATABASE_URL." };

    public static Command Define() => CommandContext.Command("verify",
        "Restore a backup into a scratch database, compare it with its manifest, drop it again.", RunAsync, Name, Latest, AllUnverified, Quick, OnTarget);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var server = context.Parsed.GetValue(Quick) ? null : Server(context);
        var backups = await ChooseAsync(context, cancellationToken);
        var results = new List<object>();
        var exitCode = ExitCodes.Done;
        foreach (var backup in backups)
        {
            try
            {
                results.Add(await VerifyAsync(context, backup, server, cancellationToken));
            }
            catch (DeepSightException e) when (backups.Count > 1)
            {
                // The others are worth knowing about; the worst one decides how the command ends.
                context.Terminal.Problem(e.Message, e.Hint);
                results.Add(new FailedDrillJson(backup.Name.ToString(), e.Message, e.Hint));
                exitCode = Math.Max(exitCode, (int)e.Kind);
            }
        }

        context.Terminal.Object(new DrillsJson(results));
        return exitCode;
    }

    private static DatabaseUrl Server(CommandContext context) => context.Parsed.GetValue(OnTarget)
        ? context.Settings.Database.ForJobs()
        : context.Settings.Database.ForDrills() ?? throw new DeepSightException(FailureKind.InvalidInput,
            "There is no server to restore on: VERIFY_DATABASE_URL is not set.",
            "set it to a server where scratch databases may come and go; or --on-target uses the server of DATABASE_URL, --quick none at all.");

    private static async Task<IReadOnlyList<StoredBackup>> ChooseAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var stores = context.Get<BackupStores>();
        var name = context.Parsed.GetValue(Name);
        var all = context.Parsed.GetValue(AllUnverified);
        var latest = context.Parsed.GetValue(Latest);
        if ((name is null ? 0 : 1) + (all ? 1 : 0) + (latest ? 1 : 0) != 1)
            throw new DeepSightException(FailureKind.InvalidInput, "Which backup?", "give a name, --latest, or --all-unverified; one of them.");

        if (name is not null) return [await stores.GetAsync(name, cancellationToken)];
        if (latest) return [await stores.GetLatestAsync(cancellationToken)];
        var (backups, failures) = await stores.ListAsync(cancellationToken);
        if (failures.Count > 0) throw failures[0];
        var unverified = backups.Where(backup => !backup.Name.IsPreRestore && !backup.Places.Any(place => place.Entry.HasDrill)).ToList();
        if (unverified.Count == 0) throw new DeepSightException(FailureKind.NothingToDo, "Every backup was proven by a drill already.", "`deepsight verify NAME` proves one again.");
        return unverified;
    }

    private static async Task<object> VerifyAsync(CommandContext context, StoredBackup backup, DatabaseUrl? server, CancellationToken cancellationToken)
    {
        var (catalog, entry) = backup.Places.FirstOrDefault(place => place.Entry.IsGood, backup.Places[0]);
        var request = new DrillRequest(catalog, entry, context.Get<BackupStores>().Kept, Triggers.Command);
        var job = context.Get<DrillJob>();
        var terminal = context.Terminal;
        using var progress = new RestoreProgressView(terminal);
        if (server is null)
        {
            var (summary, wasOpened) = await job.CheckFileAsync(request, progress, cancellationToken);
            progress.Dispose();
            if (!wasOpened) terminal.Success($"{entry.Name}   its stored bytes are those of its manifest; sealed, and not opened: no identity is set here");
            else terminal.Success($"{entry.Name}   its file is whole: {summary.Tables.Count} tables, {summary.Rows:N0} rows{(entry.HasManifest ? ", as its manifest says" : " (it has no manifest to compare with)")}");
            terminal.Line("  Not restored: without --quick a drill proves that it can be.");
            return new FileCheckJson(entry.Name.ToString(), FileOnly: true, wasOpened, summary.Tables.Count, summary.Rows, catalog.Store.Location);
        }

        terminal.Note($"  restoring {entry.Name} ({Human.Size(entry.StoredBytes)}) from {catalog.Store.Location} on {server.Server} …");
        var result = await job.RestoreAsync(request, server, progress, cancellationToken);
        progress.Dispose();
        terminal.Success($"{result.Name}   restored in {Human.Duration(result.RestoreTime)} on {server.Server} (PostgreSQL {result.ServerVersion})");
        terminal.Line($"  {result.Tables} tables, {result.Rows:N0} rows: {(entry.HasManifest ? "each as its manifest says" : "as the file says; it has no manifest")}. The scratch database is gone.");
        foreach (var note in result.Notes) terminal.Attention(note);
        return result;
    }
}

/// <summary><c>verify</c>: a <see cref="Core.Catalog.DrillResult"/>, a <see cref="FileCheckJson"/> or a <see cref="FailedDrillJson"/> a backup.</summary>
internal sealed record DrillsJson(IReadOnlyList<object> Drills);

/// <summary>A backup that did not pass, among several.</summary>
internal sealed record FailedDrillJson(string Name, string Error, string? Hint);

/// <summary>What <c>verify --quick</c> says of one backup.</summary>
internal sealed record FileCheckJson(string Name, bool FileOnly, bool Opened, int Tables, long Rows, string Location);
