using DeepSight.Core;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary>retention, runs, verify and health as an operator types them, wrong as well as right.</summary>
public sealed class KeepAndProveCommandTests(PostgresServers servers) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("BACKUP_RETENTION_DAYS", "0", "BACKUP_RETENTION_DAYS is '0'; it must be a whole number from 1 to 36500.")]
    [InlineData("BACKUP_RETENTION_DAYS", "-3", "BACKUP_RETENTION_DAYS is '-3'; it must be a whole number from 1 to 36500.")]
    [InlineData("BACKUP_RETENTION_DAYS", "thirty", "BACKUP_RETENTION_DAYS is 'thirty'")]
    [InlineData("BACKUP_KEEP_LAST", "0", "BACKUP_KEEP_LAST is '0'; it must be a whole number from 1 to 1000000.")]
    public async Task A_wrong_rule_is_named_and_nothing_is_deleted(string name, string value, string words)
    {
        await FillAsync(days: 40);

        (await RunAsync([(name, value)], "retention")).FailedWith(2, words);

        Assert.Equal(80, Directory.GetFiles(Backups).Length);
    }

    [Fact]
    public async Task A_dry_run_shows_each_backup_with_its_reason_and_the_real_run_deletes_those()
    {
        await FillAsync(days: 40);

        var shown = (await RunAsync([], "retention", "--dry-run")).EndedWith(ExitCodes.Done).Output;
        Assert.Equal(31, shown.Split('\n').Count(line => line.Contains(" keep ", StringComparison.Ordinal)));
        Assert.Equal(9, shown.Split('\n').Count(line => line.Contains(" delete ", StringComparison.Ordinal) && line.Contains("older than 30 days", StringComparison.Ordinal)));
        Assert.Contains("last good, within 30 days, the last one", shown, StringComparison.Ordinal);

        var json = (await RunAsync([], "retention", "--json")).EndedWith(ExitCodes.Done).Json;
        Assert.Equal(9, json.GetProperty("stores")[0].GetProperty("deleted").GetArrayLength());
        Assert.Equal(62, Directory.GetFiles(Backups).Length);

        var runs = (await RunAsync([], "runs", "--json")).EndedWith(ExitCodes.Done).Json.GetProperty("runs");
        Assert.Equal(("retention", "succeeded"), (runs[0].GetProperty("job").GetString(), runs[0].GetProperty("status").GetString()));
        (await RunAsync([], "runs", runs[0].GetProperty("id").GetString()!)).EndedWith(ExitCodes.Done);
    }

    [Fact]
    public async Task A_plan_that_leaves_next_to_nothing_is_refused_unless_forced()
    {
        await FillAsync(days: 40);

        (await RunAsync([("BACKUP_RETENTION_DAYS", "1")], "retention")).FailedWith(3, "would delete 38 of 40 backups", "--force");
        Assert.Equal(80, Directory.GetFiles(Backups).Length);

        (await RunAsync([("BACKUP_RETENTION_DAYS", "1")], "retention", "--force")).EndedWith(ExitCodes.Done);
        Assert.Equal(4, Directory.GetFiles(Backups).Length);
    }

    [Fact]
    [Trait(Matrix.Runs, Matrix.Full)]
    public async Task Twenty_thousand_backups_are_listed_and_planned()
    {
        await FillAsync(days: 20_000, withManifest: false);

        var json = (await RunAsync([("BACKUP_RETENTION_DAYS", "19000")], "retention", "--dry-run", "--json")).EndedWith(ExitCodes.Done).Json;

        Assert.Equal(20_000, json.GetProperty("stores")[0].GetProperty("backups").GetArrayLength());
    }

    [Theory]
    [InlineData(2, "Which backup?", "verify", "--quick")]
    [InlineData(2, "Which backup?", "verify", "--latest", "--all-unverified", "--quick")]
    [InlineData(2, "VERIFY_DATABASE_URL is not set", "verify", "--latest")]
    [InlineData(2, "DATABASE_URL is not set", "verify", "--latest", "--on-target")]
    [InlineData(4, "There is no backup", "verify", "--latest", "--quick")]
    [InlineData(4, "There is no backup", "verify", "deepsight_20200101_030000.sql.gz", "--quick")]
    [InlineData(4, "There is no run 'nope'", "runs", "nope")]
    [InlineData(2, "--count is 0", "runs", "--count", "0")]
    public async Task What_can_not_be_done_is_said(int exitCode, string words, params string[] arguments) =>
        (await RunAsync([], arguments)).FailedWith(exitCode, words);

    /// <summary>In a mount namespace of its own: memory, folders and files of others, mounted in the folder and under names of ours.</summary>
    [Fact]
    public async Task What_is_mounted_in_the_folder_stays_to_the_last_inode()
    {
        await FillAsync(days: 40);
        var script = """
            set -eu
            around=$1 backups=$2; shift 2
            mkdir -p "$around/full/13" "$around/empty" "$backups/www" "$backups/runs/2020/02/12" "$backups/runs/2020/03" "$backups/requests" "$backups/pre-restore/theirs"
            echo theirs | tee "$around/full/notes.txt" "$around/full/13/notes.txt" "$around/file" "$backups/deepsight_20200103_030000.sql.gz.pinned" >/dev/null
            mount -t tmpfs memory "$backups/www"
            mkdir -p "$backups/www/empty" && echo theirs >"$backups/www/deepsight_20200101_030000.sql.gz"
            mount --bind "$around/empty" "$backups/runs/2020/02/12"
            mount --bind "$around/full" "$backups/runs/2020/03"
            mount --bind "$around/empty" "$backups/requests"
            mount --bind "$around/file" "$backups/deepsight_20200103_030000.sql.gz.pinned"
            world() { find "$around" "$backups" ! -name 'deepsight_2*.sql.gz*' ! -path "$backups" ! -path '*/leases*' ! -path "$backups/runs/$(date -u +%Y)*" ! -path "$backups/runs" -printf '%p %D %i %y %m %U %s %T@\n' | sort; }
            before=$(world)
            "$@"
            [ "$before" = "$(world)" ]
            [ "$(cat "$around/file" "$backups/www/deepsight_20200101_030000.sql.gz")" = "$(printf 'theirs\ntheirs')" ]
            """;
        // Root may mount at once; another user needs to be root of a namespace of his own.
        string[] unshare = Environment.UserName == "root" ? ["unshare", "--mount"] : ["unshare", "--mount", "--map-root-user"];

        (await CommandProcess.RunLineAsync(
            [new("BACKUP_DIR", Backups)],
            [.. unshare, "bash", "-c", script, "bash", Path.Combine(folder.Path, "around"), Backups, .. CommandProcess.Line("retention")])).EndedWith(ExitCodes.Done);

        Assert.Equal(62, Directory.GetFiles(Backups, "deepsight_20*").Count(path => !path.EndsWith(".pinned", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_backup_is_proven_listed_as_such_and_fresh_and_a_flipped_byte_takes_that_away()
    {
        var database = await servers.NewDatabaseAsync(17, "create table t as select n from generate_series(1, 100) n");
        (string, string)[] settings = [("DATABASE_URL", database.Whole()), ("VERIFY_DATABASE_URL", (await servers.NewDrillRoleAsync(17)).Whole())];
        (await RunAsync(settings, "backup")).EndedWith(ExitCodes.Done);
        Assert.Contains("no backup was proven by a drill", (await RunAsync(settings, "health", "--backup")).EndedWith(1).Output, StringComparison.Ordinal);

        var proven = (await RunAsync(settings, "verify", "--latest")).EndedWith(ExitCodes.Done);
        Assert.Contains("each as its manifest says", proven.Output, StringComparison.Ordinal);
        Assert.Contains("restored just now", (await RunAsync(settings, "list")).Output, StringComparison.Ordinal);
        Assert.True((await RunAsync(settings, "health", "--backup")).EndedWith(ExitCodes.Done).Json.GetProperty("is_fresh").GetBoolean());
        (await RunAsync(settings, "verify", "--all-unverified")).FailedWith(4, "proven by a drill already");

        var file = Directory.GetFiles(Backups, "*.sql.gz").Single(path => !path.EndsWith(BackupName.AccessSuffix, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, Cancelled);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancelled);
        (await RunAsync(settings, "verify", "--latest")).FailedWith(5, Path.GetFileName(file));
        Assert.Contains("the last drill failed", (await RunAsync(settings, "health", "--backup")).EndedWith(1).Output, StringComparison.Ordinal);
    }

    private async Task FillAsync(int days, bool withManifest = true)
    {
        var store = new LocalBackupStore(Backups, TimeProvider.System);
        Directory.CreateDirectory(Backups);
        var newest = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        for (var day = 0; day < days; day++)
        {
            var name = new BackupName("deepsight", newest.AddDays(-day), Compression.Gzip, false);
            await File.WriteAllBytesAsync(store.PathOf(name.ToString()), new byte[1], Cancelled);
            if (withManifest) await File.WriteAllBytesAsync(store.PathOf(name.Manifest), new byte[1], Cancelled);
        }
    }

    private Task<CommandResult> RunAsync((string Name, string Value)[] settings, params string[] arguments) => CommandProcess.RunAsync(
        settings.Append(("BACKUP_DIR", Backups)).Select(setting => KeyValuePair.Create(setting.Item1, setting.Item2)), arguments);
}
