using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.S3;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Catalog;

/// <summary>Which stores a job writes to, by the settings and by what the process runs on.</summary>
public sealed class BackupStoresTests
{
    private const string Azure = "Azure Functions";
    private const string Local = "/var/backups/deepsight";
    private const string Bucket = "s3://deepsight-backups/db-backups/";

    private static readonly (string, string)[] Keys = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];

    [Fact]
    public void Without_keys_there_is_the_directory_alone()
    {
        using var stores = Open();

        Assert.Null(stores.S3);
        Assert.Equal([Local], stores.All.Select(store => store.Location));
        Assert.Equal([Local], stores.ForSchedule().Select(store => store.Location));
    }

    [Fact]
    public void With_keys_scheduled_backups_go_to_S3_and_commands_still_to_the_directory()
    {
        using var stores = Open([.. Keys]);

        Assert.Equal([Bucket, Local], stores.All.Select(store => store.Location));
        Assert.Equal([Bucket], stores.ForSchedule().Select(store => store.Location));
        Assert.Equal([Local], stores.ForCommand(upload: false).Select(store => store.Location));
        Assert.Equal([Local, Bucket], stores.ForCommand(upload: true).Select(store => store.Location));
    }

    [Fact]
    public void A_local_copy_is_kept_where_it_is_asked_for()
    {
        using var stores = Open([.. Keys, ("BACKUP_KEEP_LOCAL", "true")]);

        Assert.Equal([Bucket, Local], stores.ForSchedule().Select(store => store.Location));
    }

    [Fact]
    public void BACKUP_STORE_local_keeps_scheduled_backups_here_though_there_are_keys()
    {
        using var stores = Open([.. Keys, ("BACKUP_STORE", "local")], Azure);

        Assert.Equal([Local], stores.ForSchedule().Select(store => store.Location));
    }

    [Fact]
    public void BACKUP_STORE_s3_without_keys_leaves_the_credentials_to_the_SDK()
    {
        using var stores = Open([("BACKUP_STORE", "s3")]);

        Assert.Equal([Bucket], stores.ForSchedule().Select(store => store.Location));
    }

    [Fact]
    public void An_upload_without_S3_is_a_wrong_usage()
    {
        using var stores = Open();

        var thrown = Assert.Throws<DeepSightException>(() => stores.ForCommand(upload: true));

        Assert.Equal(FailureKind.InvalidInput, thrown.Kind);
        Assert.Contains("AWS_ACCESS_KEY_ID", thrown.Hint);
    }

    [Theory]
    [InlineData(Azure)]
    [InlineData("a container")]
    public void Where_the_disk_does_not_last_auto_refuses_a_temporary_directory(string host)
    {
        using var stores = Open([("BACKUP_DIR", "/tmp/deepsight-backups")], host);

        var thrown = Assert.Throws<DeepSightException>(stores.ForSchedule);

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Contains(host, thrown.Message);
        Assert.Contains("BACKUP_STORE=local", thrown.Hint);
    }

    [Theory]
    [InlineData("auto", null)]
    [InlineData("local", "a container")]
    public void A_temporary_directory_is_taken_on_a_machine_or_when_it_was_chosen(string choice, string? host)
    {
        using var stores = Open([("BACKUP_DIR", "/tmp/deepsight-backups"), ("BACKUP_STORE", choice)], host);

        Assert.Equal("/tmp/deepsight-backups", Assert.Single(stores.ForSchedule()).Location);
    }

    [Fact]
    public void A_directory_in_memory_does_not_last_either() => Assert.True(EphemeralDisk.Holds("/dev/shm/backups/below"));

    [Fact]
    public async Task The_services_give_the_stores_and_dispose_them()
    {
        var settings = DeepSightSettings.Load(Source(Keys));
        await using var services = new ServiceCollection().AddLogging().AddDeepSight(settings).BuildServiceProvider();

        Assert.IsType<S3BackupStore>(services.GetRequiredService<BackupStores>().S3);
    }

    [Fact]
    public async Task The_latest_backup_is_never_one_from_the_future()
    {
        using var folder = new TemporaryFolder();
        using var stores = new BackupStores(new BackupSettings { Directory = folder.Path }, new S3Settings(), new AzureSettings(), TimeProvider.System, NullLoggerFactory.Instance, null);
        var now = TimeProvider.System.GetUtcNow();
        await AddAsync(now.AddYears(70));
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => stores.GetLatestAsync(TestContext.Current.CancellationToken));
        Assert.Contains("in the future", thrown.Hint);

        await AddAsync(now.AddDays(-3));
        Assert.Equal(await AddAsync(now.AddDays(-1)), await LatestAsync());
        // A clock that is a little ahead is no future.
        Assert.Equal(await AddAsync(now.AddMinutes(2)), await LatestAsync());

        async Task<string> LatestAsync() => (await stores.GetLatestAsync(TestContext.Current.CancellationToken)).Name.ToString();

        async Task<string> AddAsync(DateTimeOffset time)
        {
            var name = $"deepsight_{time:yyyyMMdd_HHmmss}.sql.gz";
            foreach (var suffix in new[] { "", BackupName.ManifestSuffix })
                await stores.Local.ReplaceAsync(name + suffix, new byte[1], TestContext.Current.CancellationToken);
            return name;
        }
    }

    private static BackupStores Open((string, string)[]? values = null, string? ephemeralHost = null)
    {
        var settings = DeepSightSettings.Load(Source(values ?? []).Add([KeyValuePair.Create("BACKUP_DIR", (string?)Local)], "test"));
        return new BackupStores(settings.Backup, settings.S3, settings.Azure, TimeProvider.System, NullLoggerFactory.Instance, ephemeralHost);
    }

    private static SettingsSource Source((string Name, string Value)[] values) =>
        new SettingsSource().Add(values.Select(value => KeyValuePair.Create(value.Name, (string?)value.Value)), "test");
}
