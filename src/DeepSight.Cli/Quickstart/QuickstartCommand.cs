using System.CommandLine;
using DeepSight.Cli.Commands;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Processes;
using DeepSight.Core.Retention;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace DeepSight.Cli.Quickstart;

/// <summary><c>deepsight quickstart</c>: the main jobs on a real server with a sample database, from nothing.</summary>
internal static class QuickstartCommand
{
    private const int ServerMajor = 17;

    public static Command Define() => CommandContext.Command("quickstart",
        "Start a PostgreSQL of its own, fill it, back it up, drill the backup, damage the database, restore it and undo that; touches nothing else.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var home = Environment.GetEnvironmentVariable("DEEPSIGHT_HOME") ?? throw new DeepSightException(FailureKind.InvalidInput,
            "The quickstart needs a clone of the repository.", "run ./deepsight quickstart in the clone.");
        var work = Path.Combine(home, ".deepsight", "quickstart");
        var log = Path.Combine(home, ".deepsight", "log", "quickstart-postgres.log");
        var backups = Path.Combine(work, "backups");
        if (Directory.Exists(backups)) Directory.Delete(backups, recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);

        var steps = new QuickstartSteps(context.Terminal);
        RetentionPlan plan;
        try
        {
            var bundle = await steps.RunAsync($"PostgreSQL {ServerMajor} at hand", () => FetchServerAsync(home, cancellationToken), _ => "from Debian's packages, in .deepsight/");
            await using var server = await steps.RunAsync("server started",
                () => EmbeddedServer.StartAsync(new EmbeddedServerOptions { Bundle = bundle, LogPath = log }, cancellationToken),
                started => $"{started.Url.Server}, its own, stopped at the end");
            var database = server.SocketUrl.WithDatabase("deepsight_sample");
            var contents = await steps.RunAsync("database made", () => SampleDatabase.CreateAsync(server.SocketUrl, database.Database, cancellationToken),
                made => $"{made.Tables} tables, {made.Rows:N0} rows: users, videos, transcripts, credits, chats");

            await using var services = Services(backups, database);
            var stores = services.GetRequiredService<BackupStores>();
            var request = new BackupRequest(database, BackupKind.Manual, [stores.Local], Triggers.Command);
            var backup = await steps.RunAsync("backed up", () => services.GetRequiredService<BackupJob>().RunAsync(request, null, cancellationToken),
                made => $"{made.Manifest.Name}, {Human.Size(made.Manifest.SqlBytes)} of SQL in {Human.Size(made.Manifest.StoredBytes)}");
            await steps.RunAsync("proven by its file alone",
                () => FileCheck.RunAsync(stores.Catalog(stores.Local), backup.Manifest, cancellationToken),
                found => $"SHA-256, decompression, trailer, and {found.Rows:N0} rows in {found.Tables.Count} tables by checksum");
            if (backup.Manifest.Rows != contents.Rows)
                throw new DeepSightException(FailureKind.Corrupt, $"The backup holds {backup.Manifest.Rows:N0} rows, the database {contents.Rows:N0}.");
            await QuickstartRestore.RunAsync(steps, services, database, contents, backup.Manifest, Path.Combine(work, "restore"), cancellationToken);
            plan = await QuickstartKeep.RunAsync(steps, services, server.Url, cancellationToken);
        }
        catch (DeepSightException e)
        {
            throw new DeepSightException(e.Kind, e.Message, $"{e.Hint} The server's log: {log}".TrimStart(), e);
        }

        Print(context.Terminal, steps, backups, plan, TimeProvider.System.GetUtcNow());
        return ExitCodes.Done;
    }

    private static async Task<string> FetchServerAsync(string home, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(home, ".deepsight", "server", $"{ServerMajor}");
        await using var build = ToolProcess.Start(new ToolCommand
        {
            Name = "infra/postgres-server/build.sh",
            Program = Path.Combine(home, "infra", "postgres-server", "build.sh"),
            Arguments = [$"{ServerMajor}", folder],
        }, cancellationToken);
        await build.Output.CopyToAsync(Stream.Null, cancellationToken);
        await build.WaitForSuccessAsync();
        return folder;
    }

    private static ServiceProvider Services(string backups, DatabaseUrl database)
    {
        var source = new SettingsSource()
            .Add([
                KeyValuePair.Create("DATABASE_URL", (string?)database.ToString()), KeyValuePair.Create("BACKUP_DIR", (string?)backups),
                KeyValuePair.Create("BACKUP_STORE", (string?)"local"),
            ], "quickstart")
            .Add([KeyValuePair.Create("POSTGRES_CLIENT_DIR", Environment.GetEnvironmentVariable("POSTGRES_CLIENT_DIR"))], "environment");
        return new ServiceCollection().AddLogging().AddDeepSight(DeepSightSettings.Load(source).ThrowIfInvalid()).BuildServiceProvider();
    }

    private static void Print(Terminal terminal, QuickstartSteps steps, string backups, RetentionPlan plan, DateTimeOffset now)
    {
        terminal.Object(QuickstartJson.Of(steps, backups, plan));
        terminal.Line();
        var table = PlainTable.With("PROVEN", "TIME", "WHAT");
        foreach (var step in steps.Done)
            table.AddRow(new Text(step.Name, new Style(Color.Green)), new Text(Human.Duration(step.Took)), new Text(step.Detail));
        terminal.Show(table);
        terminal.Line();
        terminal.Line("  Retention, if it ran now:");
        terminal.Show(RetentionTable.Of(plan.Decisions, now));
        terminal.Line();
        terminal.Line("  Try next:");
        terminal.Line($"    BACKUP_DIR='{backups}' ./deepsight list");
        terminal.Line("    DATABASE_URL='postgresql://user:password@host:5432/name' ./deepsight backup");
        terminal.Line($"    BACKUP_DIR='{backups}' ./deepsight retention --dry-run");
    }
}

/// <summary><c>quickstart</c>.</summary>
internal sealed record QuickstartJson(IReadOnlyList<QuickstartSteps.Step> Steps, string Backups, IReadOnlyList<QuickstartJson.Kept> Retention)
{
    public static QuickstartJson Of(QuickstartSteps steps, string backups, RetentionPlan plan) => new(steps.Done, backups,
        [.. plan.Decisions.Select(decision => new Kept(decision.Backup.Name.ToString(), decision.Keep, decision.Reasons))]);

    internal sealed record Kept(string Name, bool Keep, IReadOnlyList<string> Reasons);
}
