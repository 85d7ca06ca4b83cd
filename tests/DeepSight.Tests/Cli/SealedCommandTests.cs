using System.Text;
using DeepSight.Core;
using DeepSight.Core.Age;
using DeepSight.Core.Backup;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Settings;
using DeepSight.Tests.Restore;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace DeepSight.Tests.Cli;

/// <summary>Backups that only the owner of a key can read.</summary>
public sealed class SealedCommandTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private const string Marker = "no-one-else-may-read-this";

    private readonly TemporaryFolder folder = new();
    private readonly X25519Identity daily = X25519Identity.New();
    private readonly X25519Identity offline = X25519Identity.New();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_sealed_backup_is_restored_in_every_mode_by_an_identity_and_by_nothing_else()
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample + $"insert into users (name) values ('{Marker}');");
        var settings = Settings(("DATABASE_URL", target.Whole()));
        var key = Path.Combine(folder.Path, "offline.key");
        await File.WriteAllTextAsync(key, $"# kept elsewhere\n{offline.Secret}\n", Cancelled);
        var withFile = settings.With(("RESTORE_AGE_IDENTITY_FILE", key));
        var withKeys = settings.With(("RESTORE_AGE_IDENTITY", $"{X25519Identity.New().Secret},{daily.Secret}"));

        var made = (await CommandProcess.RunAsync(settings, "backup", "--json")).EndedWith(0).Json.GetProperty("manifest");
        var name = made.GetProperty("name").GetString()!;
        Assert.EndsWith(".sql.gz.age", name, StringComparison.Ordinal);
        Assert.Equal([daily.Recipient.Fingerprint, offline.Recipient.Fingerprint], made.GetProperty("recipients").EnumerateArray().Select(recipient => recipient.GetString()!));
        Assert.Equal([name, name + ".access.sql.gz.age", name + ".manifest.json"], Directory.GetFiles(Backups).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(1, await (await RestoreByHandAsync(target, key, name)).AskAsync<long>($"select count(*) from users where name = '{Marker}'"));
        await target.ExecuteAsync("delete from videos");

        // Without the right key: told for whom it is, and nothing is touched.
        string[] recipients = [daily.Recipient.Fingerprint, offline.Recipient.Fingerprint];
        (await CommandProcess.RunAsync(settings, "restore", name, "--skip-backup", "--yes")).FailedWith(5, ["no identity is set here", "Nothing was touched", .. recipients]);
        (await CommandProcess.RunAsync(settings.With(("RESTORE_AGE_IDENTITY", X25519Identity.New().Secret)), "restore", Path.Combine(Backups, name), "--mode", "in-place", "--clean", "--skip-backup", "--yes"))
            .FailedWith(5, ["none of the identities set here opens it", .. recipients]);
        if (Matrix.IsFull)
        {
            (await CommandProcess.RunAsync(settings, "verify", name, "--on-target")).FailedWith(5, recipients);
            (await CommandProcess.RunAsync(settings, "download", name, "--decrypt", "--output", Path.Combine(folder.Path, "none"))).FailedWith(5, recipients);
        }

        Assert.Contains("stored bytes are those of its manifest", (await CommandProcess.RunAsync(settings, "verify", name, "--quick")).EndedWith(0).Output, StringComparison.Ordinal);
        Assert.Equal(0, await target.AskAsync<long>("select count(*) from videos"));

        // With one: swap (and its backup beforehand), undo, in place, beside, drill, by file and by name.
        (await CommandProcess.RunAsync(withFile, "restore", "--latest", "--yes")).EndedWith(0);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
        Assert.EndsWith(".sql.gz.age.manifest.json", Assert.Single(Directory.GetFiles(Path.Combine(Backups, "pre-restore"), "*.json")), StringComparison.Ordinal);
        (await CommandProcess.RunAsync(settings, "restore", "--undo", "--yes")).EndedWith(0);
        Assert.Equal(0, await target.AskAsync<long>("select count(*) from videos"));
        (await CommandProcess.RunAsync(withKeys, "restore", Path.Combine(Backups, name), "--mode", "in-place", "--clean", "--skip-backup", "--verify-content", "--yes")).EndedWith(0);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
        if (Matrix.IsFull) (await CommandProcess.RunAsync(withKeys, "restore", name, "--into", target.Database + "_beside", "--yes")).EndedWith(0);
        (await CommandProcess.RunAsync(withKeys, "verify", "--latest", "--on-target")).EndedWith(0);
        await NothingIsReadableAsync();

        // Opened by hand, the plain dump appears where it was asked for.
        var opened = Path.Combine(folder.Path, "opened");
        (await CommandProcess.RunAsync(withKeys, "download", name, "--decrypt", "--output", opened)).EndedWith(0);
        Assert.Contains(Marker, Encoding.UTF8.GetString(Unzip(await File.ReadAllBytesAsync(Path.Combine(opened, name[..^4]), Cancelled))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_S3_and_with_zstd_a_sealed_backup_is_listed_pinned_downloaded_and_drilled()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        var target = await servers.NewDatabaseAsync(17, "create table t as select n from generate_series(1, 100) n");
        var settings = Settings(("DATABASE_URL", target.Whole()), ("BACKUP_COMPRESSION", "zstd"), ("AWS_ENDPOINT_URL_S3", bucket.Access.Endpoint.AbsoluteUri),
            ("AWS_ACCESS_KEY_ID", bucket.Access.AccessKey), ("AWS_SECRET_ACCESS_KEY", bucket.Access.SecretKey), ("BACKUP_S3_BUCKET", bucket.Name));
        var name = (await CommandProcess.RunAsync(settings, "backup", "--upload", "--json")).EndedWith(0).Json.GetProperty("manifest").GetProperty("name").GetString()!;
        Assert.EndsWith(".sql.zst.age", name, StringComparison.Ordinal);
        Directory.Delete(Backups, recursive: true);

        var list = (await CommandProcess.RunAsync(settings, "list", "--json")).EndedWith(0).Json.GetProperty("backups");
        Assert.Equal((name, true, 100), (list[0].GetProperty("name").GetString(), list[0].GetProperty("good").GetBoolean(), list[0].GetProperty("rows").GetInt64()));
        (await CommandProcess.RunAsync(settings, "pin", name)).EndedWith(0);
        (await CommandProcess.RunAsync(settings.With(("RESTORE_AGE_IDENTITY", offline.Secret)), "verify", name, "--on-target")).EndedWith(0);
        (await CommandProcess.RunAsync(settings, "download", name)).EndedWith(0);
        Assert.True(File.Exists(Path.Combine(Backups, name + ".access.sql.gz.age")));
    }

    [Fact]
    public async Task Retention_keeps_and_deletes_sealed_backups_with_all_that_lies_beside_them()
    {
        Directory.CreateDirectory(Backups);
        var newest = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        for (var day = 0; day < 40; day++)
        {
            var name = new BackupName("deepsight", newest.AddDays(-day), Compression.Gzip, false) { IsSealed = true };
            foreach (var file in new[] { name.ToString(), name.Access, name.Manifest }) await File.WriteAllBytesAsync(Path.Combine(Backups, file), new byte[1], Cancelled);
        }

        var json = (await CommandProcess.RunAsync(Settings(), "retention", "--json")).EndedWith(0).Json;

        Assert.Equal(9, json.GetProperty("stores")[0].GetProperty("deleted").GetArrayLength());
        Assert.Equal(31 * 3, Directory.GetFiles(Backups).Length);
    }

    [Fact]
    public async Task A_passphrase_seals_what_a_command_makes_and_nothing_by_timer()
    {
        var target = await servers.NewDatabaseAsync(17, "create table t as select n from generate_series(1, 100) n");
        var settings = new Dictionary<string, string> { ["DATABASE_URL"] = target.Whole(), ["BACKUP_DIR"] = Backups, ["BACKUP_AGE_PASSPHRASE"] = "correct horse" };
        var manifest = (await CommandProcess.RunAsync(settings, "backup", "--json")).EndedWith(0).Json.GetProperty("manifest");
        Assert.Equal("passphrase", manifest.GetProperty("recipients")[0].GetString());
        (await CommandProcess.RunAsync(settings.With(("RESTORE_AGE_PASSPHRASE", "wrong")), "restore", "--latest", "--skip-backup", "--yes")).FailedWith(5, "the passphrase given here does not open it");
        (await CommandProcess.RunAsync(settings.With(("RESTORE_AGE_PASSPHRASE", "correct horse")), "verify", "--latest", "--on-target")).EndedWith(0);

        await using var host = new ServiceCollection().AddLogging().AddDeepSight(DeepSightSettings.Load(new SettingsSource().Add(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)).Append(KeyValuePair.Create("BACKUP_STORE", (string?)"local")), "tests"))).BuildServiceProvider();
        var refusal = await Assert.ThrowsAsync<DeepSightException>(() => host.GetRequiredService<ScheduledBackup>().RunAsync(Cancelled));
        Assert.Equal(FailureKind.Refused, refusal.Kind);
        Assert.Contains("BACKUP_AGE_RECIPIENTS", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(Backups, "*.age*").Count(file => !file.EndsWith(BackupName.VerifiedSuffix, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Wrong_keys_are_told_and_secret_ones_never_shown()
    {
        var typed = daily.Recipient.ToString();
        typed = typed[..20] + (typed[20] == 'q' ? 'p' : 'q') + typed[21..];
        (await CommandProcess.RunAsync(Settings(("BACKUP_AGE_RECIPIENTS", typed)), "backup")).FailedWith(2, "BACKUP_AGE_RECIPIENTS", typed, "its character 21 is mistyped");
        (await CommandProcess.RunAsync(Settings(("BACKUP_AGE_RECIPIENTS", Path.Combine(folder.Path, "none"))), "backup")).FailedWith(2, "which can't be read");
        (await CommandProcess.RunAsync(Settings(("RESTORE_AGE_IDENTITY", daily.Recipient.ToString())), "list")).FailedWith(2, "RESTORE_AGE_IDENTITY", "a secret one is needed");
        var open = Path.Combine(folder.Path, "open.key");
        await File.WriteAllTextAsync(open, daily.Secret, Cancelled);
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.OtherWrite);
        (await CommandProcess.RunAsync(Settings(("RESTORE_AGE_IDENTITY_FILE", open)), "list")).FailedWith(2, "others may write");

        foreach (var arguments in new[] { new[] { "backup" }, ["settings"], ["key", "show"] })
        {
            var result = await CommandProcess.RunAsync(Settings(("BACKUP_AGE_RECIPIENTS", $"{daily.Secret},{offline.Recipient}")), arguments);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains("it is a secret key", result.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain(daily.Secret[16..40], result.Output + result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Keys_are_made_shown_and_checked_and_one_recipient_alone_is_warned_of()
    {
        var made = (await CommandProcess.RunAsync([], "key", "new", "--json")).EndedWith(0).Json;
        var identity = X25519Identity.Parse(made.GetProperty("secret").GetString()!);
        Assert.Equal((identity.Recipient.ToString(), identity.Recipient.Fingerprint), (made.GetProperty("public").GetString(), made.GetProperty("id").GetString()));

        var alone = Settings(("BACKUP_AGE_RECIPIENTS", identity.Recipient.ToString()), ("RESTORE_AGE_IDENTITY", identity.Secret));
        var shown = (await CommandProcess.RunAsync(alone, "key", "show")).EndedWith(0);
        Assert.Contains(identity.Recipient.ToString(), shown.Output, StringComparison.Ordinal);
        Assert.Contains("one recipient only", shown.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(identity.Secret, shown.Output, StringComparison.Ordinal);
        (await CommandProcess.RunAsync(alone, "key", "check")).EndedWith(0);
        (await CommandProcess.RunAsync(Settings(("RESTORE_AGE_IDENTITY", identity.Secret)), "key", "check")).FailedWith(1, "None of the identities");
    }

    /// <summary>Stores, records, temporary files, logs: all lie in this folder.</summary>
    private async Task NothingIsReadableAsync()
    {
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var content = await File.ReadAllBytesAsync(file, Cancelled);
            byte[] plain = content.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? Unzip(content) : content;
            Assert.True(plain.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Marker)) < 0, file);
        }
    }

    /// <summary>The commands of docs/recovery.md, as they stand there.</summary>
    private async Task<DatabaseUrl> RestoreByHandAsync(DatabaseUrl target, string key, string name)
    {
        var beside = target.WithDatabase(target.Database + "_new");
        await target.ExecuteAsync($"create database {beside.Database} template template0");
        var recovery = await File.ReadAllTextAsync(Path.Combine(Clone.Root, "docs/recovery.md"), Cancelled);
        var block = recovery[recovery.IndexOf("KEY=/", StringComparison.Ordinal)..];
        var commands = block[(block.IndexOf('\n') + 1)..block.IndexOf("\n```", StringComparison.Ordinal)];
        var programs = $"{await Clone.BuiltAsync("local/age", "age")}/bin:{await Clone.BuiltAsync("postgres-server", "server/17", "17")}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        var settings = new Dictionary<string, string> { ["PATH"] = programs, ["PGHOST"] = target.Host, ["PGPORT"] = $"{target.Port}", ["PGUSER"] = target.User, ["PGPASSWORD"] = target.Password ?? "" };

        var result = await CommandProcess.RunLineAsync(settings, "bash", "-c", $"cd '{Backups}'; BACKUP={name}; KEY={key}; TARGET={target.Database}\n{commands}");

        Assert.True(result.Output.Contains("restored", StringComparison.Ordinal), result.Output + result.Errors);
        return beside;
    }

    private static byte[] Unzip(byte[] content)
    {
        using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(content), System.IO.Compression.CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private Dictionary<string, string> Settings(params (string Name, string Value)[] more)
    {
        var temporary = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        return new Dictionary<string, string> { ["BACKUP_DIR"] = Backups, ["TMPDIR"] = temporary, ["HOME"] = temporary, ["BACKUP_AGE_RECIPIENTS"] = $"{daily.Recipient},{offline.Recipient}" }.With(more);
    }
}
