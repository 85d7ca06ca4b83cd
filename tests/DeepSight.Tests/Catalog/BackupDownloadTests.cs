using System.Security.Cryptography;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage.Local;
using DeepSight.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeepSight.Tests.Catalog;

/// <summary>A download is whole and proven, or not there at all.</summary>
public sealed class BackupDownloadTests(S3Server server) : IDisposable
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private readonly TemporaryFolder folder = new();
    private readonly byte[] dump = StoreExtensions.Bytes(3_000_000);
    private readonly byte[] access = StoreExtensions.Bytes(500);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_backup_comes_with_its_side_files_and_its_hash_is_the_manifests()
    {
        await using var bucket = await BucketAsync(dump);
        using var stores = Open(bucket);

        var result = await DownloadAsync(stores);

        Assert.True(result is { IsVerified: true, WasThere: false });
        Assert.Equal([Name, Name + ".access.sql.gz", Name + ".manifest.json"], await Target.NamesAsync());
        Assert.Equal(dump, await Target.ReadAsync(Name));
        Assert.Equal(access, await Target.ReadAsync(Name + ".access.sql.gz"));
    }

    [Fact]
    public async Task The_same_backup_is_not_fetched_again_and_another_file_is_not_overwritten()
    {
        await using var bucket = await BucketAsync(dump);
        using var stores = Open(bucket);
        await DownloadAsync(stores);

        Assert.True((await DownloadAsync(stores)).WasThere);
        await File.WriteAllTextAsync(Target.PathOf(Name), "not the backup", Cancelled);
        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => DownloadAsync(stores));

        Assert.Equal(FailureKind.Refused, thrown.Kind);
        Assert.Equal("not the backup", await File.ReadAllTextAsync(Target.PathOf(Name), Cancelled));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_not_what_its_manifest_says_is_not_kept(bool isDump)
    {
        await using var bucket = await BucketAsync(dump);
        (isDump ? dump : access)[100] ^= 1;
        await bucket.PutAsync(S3TestBucket.Prefix + Name + (isDump ? "" : ".access.sql.gz"), isDump ? dump : access);
        using var stores = Open(bucket);

        var thrown = await Assert.ThrowsAsync<DeepSightException>(() => DownloadAsync(stores));

        Assert.Equal(FailureKind.Corrupt, thrown.Kind);
        Assert.DoesNotContain(Name, await Target.NamesAsync());
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Path), path => path.EndsWith("deepsight-tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backup_of_the_old_tool_comes_unverified()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await bucket.PutAsync(S3TestBucket.Prefix + Name, dump);
        using var stores = Open(bucket);

        Assert.False((await DownloadAsync(stores)).IsVerified);
        Assert.Equal([Name], await Target.NamesAsync());
    }

    [Fact]
    public async Task An_empty_object_is_listed_and_is_neither_downloaded_nor_the_latest()
    {
        await using var bucket = await S3TestBucket.CreateAsync(server);
        await bucket.PutAsync(S3TestBucket.Prefix + Name, []);
        using var stores = Open(bucket);

        Assert.Single((await stores.ListAsync(Cancelled)).Backups);
        Assert.Equal(FailureKind.Corrupt, (await Assert.ThrowsAsync<DeepSightException>(() => DownloadAsync(stores))).Kind);
        Assert.Equal(FailureKind.NothingToDo, (await Assert.ThrowsAsync<DeepSightException>(() => stores.GetLatestAsync(Cancelled))).Kind);
        Assert.Empty(await Target.NamesAsync());
    }

    private LocalBackupStore Target => new(folder.Path, TimeProvider.System);

    private async Task<DownloadResult> DownloadAsync(BackupStores stores) =>
        await new BackupDownload(stores).RunAsync(Name, Target, null, Cancelled);

    private async Task<S3TestBucket> BucketAsync(byte[] content)
    {
        var bucket = await S3TestBucket.CreateAsync(server);
        var manifest = new BackupManifest
        {
            Name = Name,
            DatabaseId = "0",
            Kind = BackupKind.Scheduled,
            Database = "app",
            ServerVersion = "17.0",
            PgDumpVersion = "17.0",
            ToolVersion = "1",
            StartedAt = DateTimeOffset.UnixEpoch,
            FinishedAt = DateTimeOffset.UnixEpoch,
            StoredBytes = content.Length,
            SqlBytes = content.Length,
            Sha256 = Hash(content),
            AccessSha256 = Hash(access),
            Roles = [],
            Extensions = [],
            Tables = [],
            Statements = new StatementSummary(0, ""),
            Values = new StatementSummary(0, ""),
        };
        await bucket.PutAsync(S3TestBucket.Prefix + Name, content);
        await bucket.PutAsync(S3TestBucket.Prefix + Name + ".access.sql.gz", access);
        await bucket.PutAsync(S3TestBucket.Prefix + Name + ".manifest.json", Json.ToUtf8(manifest));
        return bucket;
    }

    private BackupStores Open(S3TestBucket bucket)
    {
        var source = new SettingsSource().Add(
        [
            KeyValuePair.Create("AWS_ACCESS_KEY_ID", (string?)bucket.Access.AccessKey),
            KeyValuePair.Create("AWS_SECRET_ACCESS_KEY", (string?)bucket.Access.SecretKey),
            KeyValuePair.Create("AWS_ENDPOINT_URL_S3", (string?)bucket.Access.Endpoint.AbsoluteUri),
            KeyValuePair.Create("BACKUP_S3_BUCKET", (string?)bucket.Name),
            KeyValuePair.Create("BACKUP_DIR", (string?)Path.Combine(folder.Path, "local")),
        ], "test");
        var settings = DeepSightSettings.Load(source).ThrowIfInvalid();
        return new BackupStores(settings.Backup, settings.S3, settings.Azure, TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
