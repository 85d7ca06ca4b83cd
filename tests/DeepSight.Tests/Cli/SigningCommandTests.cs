using System.Text;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Tests.Restore;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary>Backups that are signed, and what happens to those that are not.</summary>
public sealed class SigningCommandTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_a_trusted_key_signed_is_restored_and_what_none_signed_is_refused_before_the_target_is_touched()
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var settings = await SettingsAsync(target);
        var unsigned = await BackUpAsync(Without(settings));
        var signed = await BackUpAsync(settings);
        await target.ExecuteAsync("delete from videos");

        (await CommandProcess.RunAsync(settings, "health", "--backup")).EndedWith(0);
        (await CommandProcess.RunAsync(settings, "restore", unsigned, "--skip-backup", "--yes")).FailedWith(5, "not signed", "--unsigned");
        (await CommandProcess.RunAsync(settings, "restore", Path.Combine(Backups, unsigned), "--skip-backup", "--yes")).FailedWith(5, "not signed");
        (await CommandProcess.RunAsync(settings, "restore", unsigned, "--unsigned", "--skip-backup", "--yes")).FailedWith(3, "terminal");
        (await CommandProcess.RunAsync(settings, "verify", unsigned, "--on-target")).EndedWith(5);
        (await CommandProcess.RunAsync(settings, "verify", unsigned, "--quick")).EndedWith(5);
        Assert.Equal(0, await target.AskAsync<long>("select count(*) from videos"));

        var list = (await CommandProcess.RunAsync(settings, "list", "--json")).EndedWith(0).Json.GetProperty("backups");
        Assert.Equal([(signed, false), (unsigned, true)], list.EnumerateArray().Select(backup => (backup.GetProperty("name").GetString()!, backup.GetProperty("untrusted").GetString() is not null)));
        (await CommandProcess.RunAsync(settings, "restore", "--latest", "--skip-backup", "--yes")).EndedWith(0);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    [Fact]
    public async Task An_old_backup_under_a_newer_name_or_one_by_another_key_is_found_out_by_restore_and_health()
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var settings = await SettingsAsync(target);
        var signed = await BackUpAsync(settings);
        var newer = $"deepsight_{TimeProvider.System.GetUtcNow().AddSeconds(1):yyyyMMdd_HHmmss}.sql.gz";
        foreach (var suffix in new[] { "", BackupName.AccessSuffix, BackupName.ManifestSuffix })
            File.Copy(Path.Combine(Backups, signed + suffix), Path.Combine(Backups, newer + suffix));
        await Task.Delay(1100, Cancelled);

        (await CommandProcess.RunAsync(settings, "restore", newer, "--skip-backup", "--yes")).FailedWith(5, "another name");
        Assert.Contains("not signed by a trusted key", (await CommandProcess.RunAsync(settings, "health", "--backup")).EndedWith(1).Output, StringComparison.Ordinal);

        var other = await SettingsAsync(target);
        (await CommandProcess.RunAsync(other, "restore", signed, "--skip-backup", "--yes")).FailedWith(5, "not among RESTORE_TRUSTED_KEYS");
        // The new key beside the old one.
        other["RESTORE_TRUSTED_KEYS"] += "," + settings["RESTORE_TRUSTED_KEYS"];
        (await CommandProcess.RunAsync(other, "restore", signed, "--skip-backup", "--yes")).EndedWith(0);
    }

    [Fact]
    public async Task In_S3_a_manifest_or_an_access_file_that_was_changed_is_found_out()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var settings = await SettingsAsync(target);
        settings["AWS_ENDPOINT_URL_S3"] = bucket.Access.Endpoint.AbsoluteUri;
        settings["AWS_ACCESS_KEY_ID"] = bucket.Access.AccessKey;
        settings["AWS_SECRET_ACCESS_KEY"] = bucket.Access.SecretKey;
        settings["BACKUP_S3_BUCKET"] = bucket.Name;
        var name = await BackUpAsync(settings, "--upload");
        var manifest = await File.ReadAllBytesAsync(Path.Combine(Backups, name + BackupName.ManifestSuffix), Cancelled);
        Directory.Delete(Backups, recursive: true);

        await bucket.PutAsync(S3TestBucket.Prefix + name + BackupName.ManifestSuffix,
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(manifest).Replace("\"kind\": \"manual\"", "\"kind\": \"scheduled\"", StringComparison.Ordinal)));
        (await CommandProcess.RunAsync(settings, "restore", "--from-s3", name, "--skip-backup", "--yes")).FailedWith(5, "changed after it was signed");
        await bucket.PutAsync(S3TestBucket.Prefix + name + BackupName.ManifestSuffix, manifest);
        await bucket.PutAsync(S3TestBucket.Prefix + name + BackupName.AccessSuffix, DumpFiles.Gzip("GRANT postgres TO app;\n"u8.ToArray()));
        (await CommandProcess.RunAsync(settings, "restore", "--from-s3", name, "--skip-backup", "--yes")).FailedWith(5, "access file");
    }

    [Fact]
    public async Task Someone_on_a_terminal_may_restore_an_old_one()
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var settings = await SettingsAsync(target);
        var unsigned = await BackUpAsync(Without(settings));
        await target.ExecuteAsync("delete from videos");
        using var terminal = TerminalProcess.Start(settings, "restore", unsigned, "--unsigned", "--skip-backup");

        await terminal.AnswerAsync("[y/N] ", "y");

        Assert.True(await terminal.EndAsync() == 0, terminal.Screen);
        Assert.Contains("not trusted", terminal.Screen, StringComparison.Ordinal);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    public static TheoryData<string> Bombs => ["access", "manifest", "window", "sql"];

    /// <summary>With a heap that may not grow beyond 256 MiB.</summary>
    [Theory]
    [Trait(Matrix.Runs, Matrix.Full)]
    [MemberData(nameof(Bombs))]
    public async Task What_unpacks_to_far_more_than_it_should_is_refused_within_256_MiB(string bomb)
    {
        var target = await servers.NewDatabaseAsync(17, DumpFiles.Sample);
        var settings = new Dictionary<string, string> { ["DATABASE_URL"] = target.Whole(), ["BACKUP_DIR"] = Backups };
        var name = await BackUpAsync(settings);
        var path = Path.Combine(Backups, name);
        var manifest = await File.ReadAllTextAsync(path + BackupName.ManifestSuffix, Cancelled);
        switch (bomb)
        {
            case "access":
                // Members of one file one after another: a gigabyte in three megabytes. The manifest is its maker's, too.
                await RepeatAsync(path + BackupName.AccessSuffix, DumpFiles.Gzip(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GRANT SELECT ON TABLE public.users TO app;\n", 400_000)))), 64);
                manifest = System.Text.RegularExpressions.Regex.Replace(manifest, "\"access_sha256\": \"[0-9a-f]+\"",
                    $"\"access_sha256\": \"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(path + BackupName.AccessSuffix, Cancelled)))}\"");
                break;
            case "manifest":
                manifest = manifest.Insert(manifest.IndexOf("\"tables\": [", StringComparison.Ordinal) + 11, string.Concat(Enumerable.Repeat("{\"name\":\"t\",\"columns\":[],\"rows\":0,\"bytes\":0,\"checksum\":\"\"},\n", 1_500_000)));
                break;
            case "window":
                // A frame whose header asks for a window of 2 GiB (RFC 8878, 3.1.1.1.2).
                await File.WriteAllBytesAsync(path, [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x03, 0x00, 0x00, (byte)'-'], Cancelled);
                break;
            default:
                await RepeatAsync(path, DumpFiles.Gzip(Encoding.ASCII.GetBytes(new string('\n', 16 << 20))), 64);
                break;
        }
        await File.WriteAllTextAsync(path + BackupName.ManifestSuffix, manifest, Cancelled);
        settings["DOTNET_GCHeapHardLimit"] = "0x10000000";

        var result = await CommandProcess.RunAsync(settings, bomb is "access" ? ["restore", name, "--dry-run"] : ["restore", name, "--skip-backup", "--yes"]);

        result.FailedWith(5);
        Assert.Equal(3000, await target.AskAsync<long>("select count(*) from videos"));
    }

    private static async Task RepeatAsync(string path, byte[] content, int times)
    {
        await using var file = File.Create(path);
        for (var i = 0; i < times; i++) await file.WriteAsync(content, Cancelled);
    }

    private static async Task<string> BackUpAsync(Dictionary<string, string> settings, params string[] more)
    {
        // Of two in one second the later one's name is a second ahead of its time.
        await Task.Delay(1000, Cancelled);
        return (await CommandProcess.RunAsync(settings, ["backup", "--json", .. more])).EndedWith(0).Json.GetProperty("manifest").GetProperty("name").GetString()!;
    }

    private static Dictionary<string, string> Without(Dictionary<string, string> settings) =>
        new(settings.Where(setting => setting.Key is not ("BACKUP_SIGNING_KEY" or "RESTORE_TRUSTED_KEYS")));

    private async Task<Dictionary<string, string>> SettingsAsync(DatabaseUrl database)
    {
        var key = (await CommandProcess.RunAsync([], "key", "new", "--signing", "--json")).EndedWith(0).Json;
        return new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database.Whole(),
            ["BACKUP_DIR"] = Backups,
            ["BACKUP_SIGNING_KEY"] = key.GetProperty("secret").GetString()!,
            ["RESTORE_TRUSTED_KEYS"] = key.GetProperty("public").GetString()!,
        };
    }
}
