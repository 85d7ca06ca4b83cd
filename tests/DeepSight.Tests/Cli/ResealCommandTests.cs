using System.Text;
using System.Text.Json;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary>Recipients change, and old backups follow; a manifest that is sealed tells nothing.</summary>
public sealed class ResealCommandTests(PostgresServers servers, S3Server s3) : IDisposable
{
    private const string Schema = "create table whose_name_is_secret as select n from generate_series(1, 777) n";

    private readonly TemporaryFolder folder = new();
    private readonly X25519Identity old = X25519Identity.New();
    private readonly X25519Identity present = X25519Identity.New();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Backups => Path.Combine(folder.Path, "backups");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_sealed_manifest_names_no_table_and_counts_no_row_without_a_key()
    {
        var target = await servers.NewDatabaseAsync(17, Schema);
        var settings = Settings(("DATABASE_URL", target.Whole()), ("BACKUP_AGE_RECIPIENTS", present.Recipient.ToString()), ("BACKUP_AGE_MANIFEST", "sealed"));
        (await CommandProcess.RunAsync(Settings(("BACKUP_AGE_MANIFEST", "sealed")), "backup")).FailedWith(2, "BACKUP_AGE_MANIFEST", "BACKUP_AGE_RECIPIENTS");

        var name = Name(await CommandProcess.RunAsync(settings, "backup", "--json"));

        foreach (var file in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Cancelled));
            Assert.DoesNotContain("whose_name_is_secret", text, StringComparison.Ordinal);
            Assert.DoesNotMatch("(?i)rows\"?: ?777", text);
        }

        var backup = (await CommandProcess.RunAsync(settings, "list", "--json")).EndedWith(0).Json.GetProperty("backups")[0];
        Assert.Equal((JsonValueKind.Null, true), (backup.GetProperty("rows").ValueKind, backup.GetProperty("good").GetBoolean()));
        (await CommandProcess.RunAsync(settings, "verify", name, "--quick")).EndedWith(0);
        (await CommandProcess.RunAsync(settings, "restore", name, "--skip-backup", "--yes")).FailedWith(5, "no identity is set here", present.Recipient.Fingerprint);

        var withKey = settings.With(("RESTORE_AGE_IDENTITY", present.Secret));
        Assert.Equal(777, (await CommandProcess.RunAsync(withKey, "list", "--json")).EndedWith(0).Json.GetProperty("backups")[0].GetProperty("rows").GetInt64());
        Assert.Contains("each as its manifest says", (await CommandProcess.RunAsync(withKey, "verify", name, "--on-target")).EndedWith(0).Output, StringComparison.Ordinal);

        // What is sealed of another backup's manifest is not this one's.
        var other = Name(await CommandProcess.RunAsync(settings, "backup", "--json"));
        var (mine, others) = (Path.Combine(Backups, name + BackupName.ManifestSuffix), Path.Combine(Backups, other + BackupName.ManifestSuffix));
        var text1 = await File.ReadAllTextAsync(mine, Cancelled);
        await File.WriteAllTextAsync(mine, text1.Replace(SealedPart(text1), SealedPart(await File.ReadAllTextAsync(others, Cancelled)), StringComparison.Ordinal), Cancelled);
        (await CommandProcess.RunAsync(withKey, "restore", name, "--skip-backup", "--yes")).FailedWith(5, "can't be read");

        static string SealedPart(string manifest) => JsonDocument.Parse(manifest).RootElement.GetProperty("sealed").GetString()!;
    }

    [Fact]
    public async Task Old_and_plain_backups_are_sealed_for_the_recipients_of_today_in_every_store()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        var signing = (await CommandProcess.RunAsync([], "key", "new", "--signing", "--json")).EndedWith(0).Json.GetProperty("secret").GetString()!;
        var target = await servers.NewDatabaseAsync(17, Schema);
        var plain = Settings(("DATABASE_URL", target.Whole()), ("BACKUP_STORES", "s3,local"), ("AWS_ENDPOINT_URL_S3", bucket.Access.Endpoint.AbsoluteUri),
            ("AWS_ACCESS_KEY_ID", bucket.Access.AccessKey), ("AWS_SECRET_ACCESS_KEY", bucket.Access.SecretKey), ("BACKUP_S3_BUCKET", bucket.Name), ("BACKUP_SIGNING_KEY", signing));
        var before = plain.With(("BACKUP_AGE_RECIPIENTS", old.Recipient.ToString()));
        var today = plain.With(("BACKUP_AGE_RECIPIENTS", present.Recipient.ToString()), ("RESTORE_AGE_IDENTITY", old.Secret));

        var first = Name(await CommandProcess.RunAsync(plain, "backup", "--json"));
        var second = Name(await CommandProcess.RunAsync(before, "backup", "--json"));
        (await CommandProcess.RunAsync(before, "pin", second)).EndedWith(0);
        var third = Name(await CommandProcess.RunAsync(plain.With(("BACKUP_AGE_RECIPIENTS", present.Recipient.ToString())), "backup", "--json"));
        var copies = Directory.CreateDirectory(Path.Combine(folder.Path, "copies")).FullName;
        foreach (var file in Directory.GetFiles(Backups, second + "*")) File.Copy(file, Path.Combine(copies, Path.GetFileName(file)));

        // Nobody to seal for, no key to open with or none to sign with: nothing changes.
        (await CommandProcess.RunAsync(plain, "copy", "--reseal")).FailedWith(2, "BACKUP_AGE_RECIPIENTS");
        (await CommandProcess.RunAsync(today, "copy", "--reseal", "--missing")).FailedWith(2, "--reseal excludes");
        var files = Directory.GetFiles(Backups);
        (await CommandProcess.RunAsync(today.With(("RESTORE_AGE_IDENTITY", present.Secret)), "copy", second, "--reseal")).FailedWith(5, old.Recipient.Fingerprint);
        (await CommandProcess.RunAsync(today.With(("BACKUP_SIGNING_KEY", "")), "copy", second, "--reseal")).FailedWith(3, "is signed");
        Assert.Equal(files.Order(), Directory.GetFiles(Backups).Order());

        var result = (await CommandProcess.RunAsync(today, "copy", "--reseal", "--json")).EndedWith(0).Json;
        var names = result.GetProperty("resealed").EnumerateArray().ToDictionary(done => done.GetProperty("was").GetString()!, done => done.GetProperty("name").GetString()!);
        Assert.Equal(new[] { first, second }.Order(), names.Keys.Order());
        Assert.Equal(first + ".age", names[first]);

        // By the new key alone everything is there, in both stores, signed and pinned as it was; the old names are gone.
        var after = plain.With(("BACKUP_AGE_RECIPIENTS", present.Recipient.ToString()), ("RESTORE_AGE_IDENTITY", present.Secret));
        var list = (await CommandProcess.RunAsync(after, "list", "--json")).EndedWith(0).Json.GetProperty("backups").EnumerateArray().ToList();
        Assert.Equal([names[first], names[second], third], list.Select(backup => backup.GetProperty("name").GetString()!).Order());
        Assert.All(list, backup => Assert.Equal((2, true, backup.GetProperty("name").GetString() == names[second]),
            (backup.GetProperty("where").GetArrayLength(), backup.GetProperty("good").GetBoolean(), backup.GetProperty("pinned").GetBoolean())));
        Assert.DoesNotContain(Directory.GetFiles(Backups), file => file.EndsWith(BackupName.PendingSuffix, StringComparison.Ordinal));
        var trusting = after.With(("RESTORE_TRUSTED_KEYS", SigningKey.TryParse(signing)!.Public.ToString()));
        foreach (var name in names.Values) (await CommandProcess.RunAsync(trusting, "verify", name, "--on-target")).EndedWith(0);
        Assert.Contains("every backup is sealed", (await CommandProcess.RunAsync(after, "copy", "--reseal")).EndedWith(0).Output, StringComparison.Ordinal);

        // Killed before the old one was gone: what is there already is not made again.
        foreach (var file in Directory.GetFiles(copies)) File.Copy(file, Path.Combine(Backups, Path.GetFileName(file)));
        var again = (await CommandProcess.RunAsync(today, "copy", "--reseal", "--json")).EndedWith(0).Json.GetProperty("resealed");
        Assert.Equal((1, names[second]), (again.GetArrayLength(), again[0].GetProperty("name").GetString()));
        Assert.Empty(Directory.GetFiles(Backups, second + "*"));
    }

    [Fact]
    public async Task A_damaged_backup_is_not_sealed_anew_and_stays_as_it_is()
    {
        var target = await servers.NewDatabaseAsync(17, Schema);
        var settings = Settings(("DATABASE_URL", target.Whole()));
        var name = Name(await CommandProcess.RunAsync(settings, "backup", "--json"));
        var file = Path.Combine(Backups, name);
        var content = await File.ReadAllBytesAsync(file, Cancelled);
        content[content.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, content, Cancelled);
        var before = Directory.GetFiles(Backups).Order().ToList();

        (await CommandProcess.RunAsync(settings.With(("BACKUP_AGE_RECIPIENTS", present.Recipient.ToString())), "copy", "--reseal")).FailedWith(5, name, "SHA-256");

        Assert.Equal(before, Directory.GetFiles(Backups).Order());
    }

    private static string Name(CommandResult result) => result.EndedWith(0).Json.GetProperty("manifest").GetProperty("name").GetString()!;

    private Dictionary<string, string> Settings(params (string Name, string Value)[] more) => new Dictionary<string, string> { ["BACKUP_DIR"] = Backups }.With(more);
}
