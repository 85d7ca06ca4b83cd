using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Health;
using DeepSight.Core.Postgres;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage.Blobs;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Queues;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;
using DeepSight.Tests.Storage.Faults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeepSight.Tests.Backup;

/// <summary>One dump to the directory, S3 and Azure at once.</summary>
public sealed class SeveralStoresTests(PostgresServers servers, S3Server s3, SharedAzurite azurite) : IDisposable
{
    /// <summary>Stored in a little more than one part of 8 MiB.</summary>
    private const string Large = "create table large as select n, (select string_agg(encode(sha512((n || '-' || i)::text::bytea), 'base64'), '') from generate_series(1, 60) i) as body from generate_series(1, 2600) n;";

    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_store_that_dies_in_mid_upload_costs_the_others_nothing_and_is_brought_up_to_date_by_copy()
    {
        await using var bucket = await S3TestBucket.CreateAsync(s3);
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        await using var proxy = await FaultProxy.StartAsync(container.Endpoint);
        var database = await servers.NewDatabaseAsync(17, Large);
        var settings = Settings(database, bucket, container);
        proxy.Answer = call => call == StoreCall.Part ? (403, "AuthorizationPermissionMismatch", "") : null;
        settings["BACKUP_AZURE_CONNECTION"] = container.Connection(proxy.Address);

        var failed = (await CommandProcess.RunAsync(settings, "backup")).FailedWith(1, "refused the upload", "complete in s3://", " and " + Backups);
        Assert.DoesNotContain("AccountKey", failed.Errors + failed.Output, StringComparison.Ordinal);
        settings["BACKUP_AZURE_CONNECTION"] = container.Connection();
        var row = (await CommandProcess.RunAsync(settings, "list", "--json")).EndedWith(0).Json.GetProperty("backups").EnumerateArray().Single();
        Assert.Equal((true, "S3,local", "Azure"), (row.GetProperty("good").GetBoolean(), Joined(row, "where"), Joined(row, "lacks")));
        var name = row.GetProperty("name").GetString()!;
        Assert.Contains("S3 local, not Azure", (await CommandProcess.RunAsync(settings, "list")).EndedWith(0).Output, StringComparison.Ordinal);
        Assert.Contains("1 of 3 stores lacks the newest backup", await ReasonsAsync(settings), StringComparison.Ordinal);

        (await CommandProcess.RunAsync(settings, "pin", name)).EndedWith(0);
        var copied = (await CommandProcess.RunAsync(settings, "copy", "--missing", "--json")).EndedWith(0).Json.GetProperty("copies").EnumerateArray().Single();
        Assert.Equal((name, true), (copied.GetProperty("name").GetString(), copied.GetProperty("verified").GetBoolean()));
        row = (await CommandProcess.RunAsync(settings, "list", "--json")).EndedWith(0).Json.GetProperty("backups").EnumerateArray().Single();
        Assert.Equal(("S3,Azure,local", ""), (Joined(row, "where"), Joined(row, "lacks")));
        using var azure = container.Open(TimeProvider.System);
        Assert.Equal([name, name + ".access.sql.gz", name + ".manifest.json", name + ".pinned"], await azure.NamesAsync(name));
        await FileCheck.RunAsync(new BackupCatalog(azure, "deepsight"), (await new BackupCatalog(azure, "deepsight").ReadManifestAsync(BackupName.TryParse(name, "deepsight")!, Cancelled))!, Cancelled);
        Assert.Contains("nothing is missing", (await CommandProcess.RunAsync(settings, "copy", "--missing")).EndedWith(0).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("lacks the newest", await ReasonsAsync(settings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_whose_source_is_damaged_leaves_nothing_in_the_target()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        var settings = Settings(await servers.NewDatabaseAsync(17), null, container);
        settings["BACKUP_STORES"] = "local";
        var name = (await CommandProcess.RunAsync(settings, "backup", "--json")).EndedWith(0).Json.GetProperty("manifest").GetProperty("name").GetString()!;
        var path = Path.Combine(Backups, name);
        var content = await File.ReadAllBytesAsync(path, Cancelled);
        content[^20] ^= 1;
        await File.WriteAllBytesAsync(path, content, Cancelled);

        (await CommandProcess.RunAsync(settings, "copy", name, "--to", "azure")).FailedWith(5, "is corrupt");
        (await CommandProcess.RunAsync(settings, "copy", name, "--to", "s3")).FailedWith(2, "The store 's3' is not configured");
        (await CommandProcess.RunAsync(settings, "copy", name, "--to", "tape")).FailedWith(2, "There is no store 'tape'");
        (await CommandProcess.RunAsync(settings, "copy")).FailedWith(2, "Which backup?");

        using var azure = container.Open(TimeProvider.System);
        Assert.Empty(await azure.NamesAsync(name));
    }

    [Fact]
    public async Task A_store_that_takes_nothing_for_minutes_drops_out_and_the_others_go_on()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        await using var proxy = await FaultProxy.StartAsync(container.Endpoint);
        proxy.Set(new Fault(StoreCall.Part, FaultKind.Hang, After: false, int.MaxValue));
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var local = new Core.Storage.Local.LocalBackupStore(Backups, clock);
        using var hung = new AzureBackupStore(container.Settings(proxy.Address), new StorePatience { Stall = TimeSpan.FromHours(1) }, clock, NullLogger.Instance) { Plan = new PartPlan(10_000, fixedMiB: 1) };
        await using var upload = new BackupUpload([local, hung], "", clock);
        await upload.BeginAsync(BackupName.TryParse("deepsight_20260212_030000.sql.gz", "deepsight")!, Cancelled);

        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++) await upload.WriteAsync(StoreExtensions.Bytes(1 << 20), Cancelled);
        }, Cancelled);
        await Eventually.HoldsAsync(() =>
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            return writing.IsCompleted;
        }, () => "The others wait for ever.");
        await writing;
        await upload.CompleteAsync(Cancelled);

        var (store, failure) = Assert.Single(upload.Failures);
        Assert.Same(hung, store);
        Assert.Contains("fell behind", failure.Message, StringComparison.Ordinal);
        Assert.Contains("copy --missing", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(10 << 20, (await local.FindAsync("deepsight_20260212_030000.sql.gz", Cancelled))!.Size);
    }

    [Theory]
    [InlineData("BACKUP_STORES", "s3,tape", "BACKUP_STORES has 'tape'")]
    [InlineData("BACKUP_STORES", "local,LOCAL", "BACKUP_STORES names a store twice")]
    [InlineData("BACKUP_STORES", "local,azure", "neither BACKUP_AZURE_ACCOUNT nor BACKUP_AZURE_CONNECTION")]
    [InlineData("BACKUP_STORES", "local", "unset those", "BACKUP_STORE", "local")]
    public void Settings_that_cannot_work_are_told(string name, string value, string expected, string? other = null, string? otherValue = null)
    {
        var values = new List<KeyValuePair<string, string?>> { KeyValuePair.Create(name, (string?)value) };
        if (other is not null) values.Add(KeyValuePair.Create(other, otherValue));

        Assert.Contains(expected, Assert.Single(DeepSightSettings.Load(new SettingsSource().Add(values, "test")).Errors), StringComparison.Ordinal);
    }

    private static async Task<string> ReasonsAsync(Dictionary<string, string> settings)
    {
        var loaded = DeepSightSettings.Load(new SettingsSource().Add(settings.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value)), "test"));
        await using var services = new ServiceCollection().AddLogging().AddDeepSight(loaded).BuildServiceProvider();
        return string.Join("; ", (await services.GetRequiredService<FreshnessCheck>().RunAsync(null, Cancelled)).Reasons);
    }

    private static string Joined(System.Text.Json.JsonElement row, string property) => string.Join(',', row.GetProperty(property).EnumerateArray().Select(kind => kind.GetString()));

    private string Backups => Path.Combine(folder.Path, "backups");

    private Dictionary<string, string> Settings(DatabaseUrl database, S3TestBucket? bucket, AzureTestContainer container)
    {
        var settings = new Dictionary<string, string>
        {
            ["DATABASE_URL"] = database.Whole(),
            ["BACKUP_DIR"] = Backups,
            ["BACKUP_STORES"] = "s3,azure,local",
            ["BACKUP_AZURE_CONNECTION"] = container.Connection(),
            ["BACKUP_AZURE_CONTAINER"] = container.Name,
            ["BACKUP_AZURE_PREFIX"] = AzureTestContainer.Prefix,
        };
        if (bucket is null) return settings;

        settings["AWS_ENDPOINT_URL_S3"] = bucket.Access.Endpoint.AbsoluteUri;
        settings["AWS_ACCESS_KEY_ID"] = bucket.Access.AccessKey;
        settings["AWS_SECRET_ACCESS_KEY"] = bucket.Access.SecretKey;
        settings["BACKUP_S3_BUCKET"] = bucket.Name;
        return settings;
    }
}
