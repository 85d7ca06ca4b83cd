using System.CommandLine;
using DeepSight.Cli.Output;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using Spectre.Console;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight list</c>: all stores together, newest first.</summary>
internal static class ListCommand
{
    private const int Shown = 20;

    private static readonly Option<bool> All = new("--all") { Description = $"Show every backup, not only the newest {Shown}." };

    public static Command Define() => CommandContext.Command("list", "List the backups, newest first, all stores together.", RunAsync, All);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var stores = context.Get<BackupStores>();
        var (backups, failures) = await stores.ListAsync(cancellationToken);
        var shown = context.Parsed.GetValue(All) ? backups : [.. backups.Take(Shown)];
        var rows = await BackupDetails.ReadAsync(shown, cancellationToken);

        context.Terminal.Object(new BackupPage(rows, backups.Count, [.. failures.Select(failure => failure.Message)]));
        if (rows.Count > 0 || failures.Count == 0) Print(context, rows, backups.Count);
        foreach (var failure in failures) context.Terminal.Problem(failure.Message, failure.Hint);
        return failures.Count == 0 ? ExitCodes.Done : (int)failures[0].Kind;
    }

    private static void Print(CommandContext context, IReadOnlyList<BackupDetails> rows, int total)
    {
        if (rows.Count == 0)
        {
            var searched = string.Join(" or ", context.Get<BackupStores>().All.Select(store => store.Location));
            context.Terminal.Line($"  No backups named '{context.Settings.Backup.Name}' in {searched} yet: `deepsight backup` makes one.");
            return;
        }

        var now = context.Get<TimeProvider>().GetUtcNow();
        var table = PlainTable.With("NAME", "AGE", "SIZE", "ROWS", "KIND", "WHERE", "PROOF");
        foreach (var row in rows)
            table.AddRow(new Text(row.Name), new Text(Human.Age(now - row.Time)), new Text(Human.Size(row.StoredBytes)),
                new Text(row.Rows is { } count ? Human.Count(count) : "?"), new Text(row.Untrusted is null ? row.Kind : row.Kind + ", untrusted"), new Text(string.Join(' ', row.Where) + (row.Lacks.Count == 0 ? "" : $", not {string.Join(' ', row.Lacks)}")), BackupProof.Of(row, now));
        context.Terminal.Show(table);
        if (rows.FirstOrDefault(row => row.Untrusted is not null) is { Untrusted: { } why } untrusted)
            context.Terminal.Attention($"{untrusted.Name} and others marked so are not restored: {why}");
        if (rows.FirstOrDefault(row => row.Lacks.Count > 0) is { } incomplete)
            context.Terminal.Attention($"{incomplete.Name} is not in every store of BACKUP_STORES: `deepsight copy --missing` brings it there.");
        if (rows.Count < total) context.Terminal.Line($"  … and {total - rows.Count} older ones: `deepsight list --all`");
    }
}

/// <summary>How well a backup is proven, in the last column of <c>deepsight list</c>.</summary>
internal static class BackupProof
{
    public static Text Of(BackupDetails backup, DateTimeOffset now)
    {
        var pinned = backup.Pinned ? ", pinned" : "";
        if (backup.VerifiedAt is { } time) return new Text($"restored {Ago(now - time)}{Took(backup)}{pinned}", new Style(Color.Green));
        return backup.Good ? new Text("whole, no drill passed" + pinned) : new Text("unverified" + pinned, new Style(Color.Yellow));
    }

    private static string Ago(TimeSpan age) => age < TimeSpan.FromMinutes(1) ? "just now" : Human.Age(age) + " ago";

    private static string Took(BackupDetails backup) => backup.RestoreSeconds is { } seconds ? $" ({Human.Duration(TimeSpan.FromSeconds(seconds))})" : "";
}
