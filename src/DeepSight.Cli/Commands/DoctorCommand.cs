using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Storage;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight doctor</c>: one line a check, worst first.</summary>
internal static class DoctorCommand
{
    public static Command Define() => CommandContext.Command("doctor",
        "Check everything a backup needs: client, database, directory, S3, Azure; exit 1 if any check fails.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        context.WarnOfDirectory();
        var checks = new List<StoreCheck>();
        var clients = context.Get<PostgresClients>();
        await foreach (var check in ClientsAsync(clients, cancellationToken)) checks.Add(check);
        await foreach (var check in DatabaseAsync(context, clients, cancellationToken)) checks.Add(check);
        if (await DrillRoleAsync(context, cancellationToken) is { } drills) checks.Add(drills);
        await foreach (var check in StoresAsync(context.Get<BackupStores>(), context.Settings, cancellationToken)) checks.Add(check);

        checks = [.. checks.OrderByDescending(check => check.Outcome)];
        context.Terminal.Object(new ChecksJson(checks));
        foreach (var check in checks) Print(context.Terminal, check);
        return checks.Exists(check => check.Outcome == CheckOutcome.Failed) ? (int)FailureKind.Failed : ExitCodes.Done;
    }

    private static async IAsyncEnumerable<StoreCheck> ClientsAsync(PostgresClients clients,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await Try("client", async () =>
        {
            var all = await clients.FindAsync(cancellationToken);
            return all.Count == 0
                ? new StoreCheck("client", CheckOutcome.Failed, "no pg_dump was found", "install PostgreSQL's client tools, or set POSTGRES_CLIENT_DIR.")
                : new StoreCheck("client", CheckOutcome.Ok, string.Join(", ", all.Select(client => $"{client.Version} ({client.Origin.ToString().ToLowerInvariant()})")), null);
        });
        yield return found;
        foreach (var unusable in clients.Unusable) yield return new StoreCheck("client", CheckOutcome.Warning, unusable, null);
    }

    private static async IAsyncEnumerable<StoreCheck> DatabaseAsync(CommandContext context, PostgresClients clients,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ServerInfo? server = null;
        yield return await Try("database", async () =>
        {
            var database = context.Settings.Database.ForJobs();
            await using var connection = await PostgresServer.ConnectAsync(database, "deepsight doctor", cancellationToken);
            await PostgresServer.RefusePoolerAsync(connection, database, cancellationToken);
            server = await PostgresServer.DescribeAsync(connection, cancellationToken);
            return new StoreCheck("database", CheckOutcome.Ok,
                $"{database.Display}: PostgreSQL {server.Version}, {Human.Size(server.DatabaseBytes)}, {server.TableCount} tables, {server.ActiveConnections} of {server.MaxConnections} connections", null);
        });
        if (server is null) yield break;

        yield return server.IsEncrypted
            ? new StoreCheck("SSL", CheckOutcome.Ok, "the connection is encrypted", null)
            : new StoreCheck("SSL", CheckOutcome.Warning, "the connection is not encrypted", "on anything but a private network add ?sslmode=require to the URL.");
        yield return await Try("version match", async () =>
        {
            var client = await clients.ForDumpAsync(server.Version, cancellationToken);
            return new StoreCheck("version match", CheckOutcome.Ok, $"pg_dump {client.Version} dumps PostgreSQL {server.Version}", null);
        });
    }

    private static async IAsyncEnumerable<StoreCheck> StoresAsync(BackupStores stores, DeepSightSettings settings,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Schedule(stores);
        foreach (var problem in DeepSightSettings.UnreadableSchedules(settings.Backup, settings.Retention, settings.Verification))
            yield return new StoreCheck("schedule", CheckOutcome.Failed, problem, "for example '0 0 3 * * *' is every day at 03:00:00 UTC.");
        if (Signing(settings.Backup) is { } signing) yield return signing;
        if (Sealing(settings.Backup, settings.Database.ForDrills() is not null) is { } sealing) yield return sealing;
        var (backups, _) = await stores.ListAsync(cancellationToken);
        var lastBytes = backups.FirstOrDefault(backup => backup.IsGood)?.Places[0].Entry.StoredBytes;
        foreach (var store in stores.All)
            await foreach (var check in store.CheckAsync(lastBytes, cancellationToken))
                yield return check with { Name = $"{(store == stores.Local ? "directory" : store.Kind)}: {check.Name}" };
    }

    /// <summary>A drill runs what is in a backup: its role needs CREATEDB, CREATEROLE and nothing else. Null where there are no drills.</summary>
    private static async Task<StoreCheck?> DrillRoleAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Settings.Database.ForDrills() is not { } server) return null;
        return await Try("drill role", async () =>
        {
            await using var connection = await PostgresServer.ConnectAsync(server, "deepsight doctor", cancellationToken);
            var spare = await PostgresServer.SpareRightsAsync(connection, cancellationToken);
            return spare.Count == 0
                ? new StoreCheck("drill role", CheckOutcome.Ok, $"{server.User} on {server.Server} may do no more than drills need", null)
                : new StoreCheck("drill role", CheckOutcome.Warning, $"{server.User} on {server.Server} could give up: {string.Join(", ", spare)}",
                    "a backup's code runs with what this role may do; docs/security.md has the smallest role.");
        });
    }

    /// <summary>Null where nothing is signed and nothing asked for.</summary>
    private static StoreCheck? Signing(BackupSettings settings) => (settings.SignedBy, settings.TrustedIds) switch
    {
        (null, { Count: 0 }) => null,
        (null, _) => new StoreCheck("signing", CheckOutcome.Warning, "RESTORE_TRUSTED_KEYS asks for signatures, and backups made here have none",
            "set BACKUP_SIGNING_KEY where backups are made."),
        ({ } key, { Count: > 0 } trusted) when !trusted.Contains(key) => new StoreCheck("signing", CheckOutcome.Warning,
            $"backups made here are signed by {key}, which is not among RESTORE_TRUSTED_KEYS", "add what `deepsight key public` shows."),
        ({ } key, _) => new StoreCheck("signing", CheckOutcome.Ok, $"backups made here are signed by {key}", null),
    };

    /// <summary>Null where nothing is sealed.</summary>
    private static StoreCheck? Sealing(BackupSettings settings, bool drills) =>
        settings.Recipients.Count == 0 ? null
        : settings.AgePassphrase is not null ? new StoreCheck("sealing", CheckOutcome.Warning, "a passphrase seals what commands make; timers and queues refuse it",
            "set BACKUP_AGE_RECIPIENTS in its place: `deepsight key new` makes a key.")
        : drills && settings.Identities.Count == 0 ? new StoreCheck("sealing", CheckOutcome.Warning, "drills are on here, and no identity is set that would open what is sealed",
            "set RESTORE_AGE_IDENTITY_FILE here, or hold drills where the key is.")
        : settings.RecipientsWarning is { } risk ? new StoreCheck("sealing", CheckOutcome.Warning, risk, "docs/security.md says how to keep the second key.")
        : new StoreCheck("sealing", CheckOutcome.Ok, $"backups are sealed for {string.Join(", ", settings.Recipients.Select(recipient => recipient.Fingerprint))}", null);

    private static StoreCheck Schedule(BackupStores stores)
    {
        try
        {
            return new StoreCheck("scheduled backups", CheckOutcome.Ok, $"go to {string.Join(" and ", stores.ForSchedule().Select(store => store.Location))}", null);
        }
        catch (DeepSightException e)
        {
            // Only a warning: whoever runs the command alone has no schedule.
            return new StoreCheck("scheduled backups", CheckOutcome.Warning, e.Message, e.Hint);
        }
    }

    private static async Task<StoreCheck> Try(string name, Func<Task<StoreCheck>> check)
    {
        try
        {
            return await check();
        }
        catch (DeepSightException e)
        {
            return new StoreCheck(name, CheckOutcome.Failed, e.Message, e.Hint);
        }
    }

    private static void Print(Terminal terminal, StoreCheck check)
    {
        var (mark, color) = check.Outcome switch
        {
            CheckOutcome.Ok => ("✓", Color.Green),
            CheckOutcome.Warning => ("!", Color.Yellow),
            _ => ("✗", Color.Red),
        };
        terminal.Show(new Text(mark, new Style(color)));
        terminal.Line($" {check.Name}: {check.Detail}");
        if (check.Hint is { } hint) terminal.Line($"  Hint: {hint}");
    }
}

/// <summary><c>doctor</c>.</summary>
internal sealed record ChecksJson(IReadOnlyList<StoreCheck> Checks);
