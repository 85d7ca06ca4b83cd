using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Storage;
using DeepSight.Core.Storage.Blobs;
using DeepSight.Core.Storage.Transfers;
using DeepSight.Tests.Queues;
using DeepSight.Tests.Storage.Faults;

namespace DeepSight.Tests.Storage;

/// <summary>What goes wrong for good is said clearly: what failed, on what, then what to do; and never a secret.</summary>
public sealed class AzureErrorTests(SharedAzurite azurite)
{
    private const string Name = "deepsight_20260212_030000.sql.gz";

    private static readonly StorePatience Hasty = new() { FirstDelay = TimeSpan.FromMilliseconds(2), LongestDelay = TimeSpan.FromMilliseconds(10), Stall = TimeSpan.FromSeconds(5) };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_key_container_account_or_address_is_named()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        var key = container.Connection().Replace("AccountKey=", "AccountKey=AAAA", StringComparison.Ordinal);
        await FailsAsync(container, new AzureSettings { Connection = key, Container = container.Name }, "storage account 'deepsighttest' refused the listing: its key is wrong", "BACKUP_AZURE_CONNECTION");
        await FailsAsync(container, new AzureSettings { Connection = container.Connection(), Container = "ds-no-such" }, "no Azure container 'ds-no-such' in the storage account 'deepsighttest'", "BACKUP_AZURE_CONTAINER");
        await FailsAsync(container, new AzureSettings { Connection = container.Connection(new Uri("http://127.0.0.1:1")), Container = container.Name }, "can't be reached: Connection refused", "BACKUP_AZURE_CONNECTION");
        var nobody = "DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=c2VjcmV0;BlobEndpoint=http://nobody.blob.invalid/;";
        await FailsAsync(container, new AzureSettings { Connection = nobody, Container = container.Name }, "no host has the name 'nobody.blob.invalid'", "check the account's name in BACKUP_AZURE_CONNECTION");
    }

    [Fact]
    public async Task A_SAS_that_expired_or_allows_too_little_says_so_and_is_never_shown()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        var now = TimeProvider.System.GetUtcNow();
        AzureSettings With(string sas) => new() { Connection = sas, Container = container.Name, Prefix = AzureTestContainer.Prefix };

        await FailsAsync(container, With(container.Sas("racwdl", now.AddHours(-1))), "expired on", "make a new one");
        var readOnly = With(container.Sas("rl", now.AddHours(1)));
        await FailsAsync(container, readOnly, "does not allow the upload: it lacks the permission to create and write (cw) and has 'rl'", "racwdl",
            store => store.UploadAsync(Name, StoreExtensions.Bytes(10)));
        await FailsAsync(container, readOnly, "lacks the permission to create and write", "racwdl", store => store.UploadAsync(Name, StoreExtensions.Bytes(9_000_000)));

        using var all = container.Open(TimeProvider.System, With(container.Sas("racwdl", now.AddHours(1))), Hasty);
        Assert.DoesNotContain("sig=", all.Location, StringComparison.Ordinal);
        var checks = await all.CheckAsync(null, Cancelled).ToListAsync(Cancelled);
        Assert.All(checks, check => Assert.Equal(CheckOutcome.Ok, check.Outcome));
    }

    [Theory]
    [InlineData("l", "racwd", "list")]
    [InlineData("r", "acwdl", "get")]
    [InlineData("c", "rdl", "put")]
    [InlineData("d", "racwl", "delete")]
    public async Task The_checks_name_the_permission_that_is_missing(string missing, string allowed, string failing)
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        using var store = container.Open(TimeProvider.System, new AzureSettings { Connection = container.Sas(allowed, TimeProvider.System.GetUtcNow().AddHours(1)), Container = container.Name }, Hasty);
        var failed = (await store.CheckAsync(null, Cancelled).ToListAsync(Cancelled)).Where(check => check.Outcome == CheckOutcome.Failed).ToList();

        var check = Assert.Single(failed, check => check.Name == failing);
        Assert.Contains($"({missing}", check.Detail, StringComparison.Ordinal);
        Assert.Contains("make one for the container with racwdl", check.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "AuthorizationPermissionMismatch", null, "the identity of this process lacks the permission to create and write", "'Storage Blob Data Contributor'")]
    [InlineData(403, "AuthorizationPermissionMismatch", AzureImmutability.Locked, "lacks the permission", "'Storage Blob Data Owner'")]
    [InlineData(403, "AuthorizationFailure", null, "refused the upload: AuthorizationFailure", "firewall")]
    [InlineData(401, "InvalidAuthenticationInfo", null, "does not accept the identity", "AZURE_CLIENT_ID")]
    [InlineData(409, "BlobImmutableDueToPolicy", null, "an immutability policy or legal hold protects the blob", "BACKUP_AZURE_IMMUTABILITY_DAYS")]
    [InlineData(409, "SnapshotsPresent", null, "the blob has snapshots", "delete the snapshots")]
    [InlineData(409, "BlobArchived", null, "archive tier", "set-tier")]
    [InlineData(503, "ServerBusy", null, "slow down", "another hour")]
    [InlineData(500, "InternalError", null, "failed at the upload again and again", "later")]
    [InlineData(418, "Teapot", null, "refused the upload: 418 Teapot", "doctor")]
    public void Each_refusal_says_what_to_do(int status, string code, AzureImmutability? immutability, string expected, string hint)
    {
        var settings = new AzureSettings { Account = "acct", Immutability = immutability };
        var failure = new BlobErrors(settings, BlobAddress.Of(settings), new ServiceClock(TimeProvider.System)).Explain(new RequestFailedException(status, "", code, null), BlobOperation.Write);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains(hint, failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archived_blob_is_told_before_anything_is_read()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        using var store = container.Open(TimeProvider.System);
        await store.UploadAsync(Name, StoreExtensions.Bytes(10));
        await container.Client.GetBlobClient(AzureTestContainer.Prefix + Name).SetAccessTierAsync(AccessTier.Archive, cancellationToken: Cancelled);

        var catalog = new BackupCatalog(store, "deepsight");
        var entry = Assert.Single(await catalog.ListAsync(Cancelled));
        foreach (var read in new Func<Task>[] { () => store.ReadAsync(Name), () => StoredSource.FindAsync(catalog, entry, Cancelled) })
        {
            var failure = await Assert.ThrowsAsync<DeepSightException>(read);
            Assert.Equal(FailureKind.Refused, failure.Kind);
            Assert.Contains($"'{Name}'", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"az storage blob set-tier --account-name deepsighttest --container-name {container.Name} --name 'db-backups/{Name}' --tier Hot", failure.Hint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_service_that_asks_to_be_left_alone_is_left_alone_for_as_long_as_it_says()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        await using var proxy = await FaultProxy.StartAsync(container.Endpoint);
        proxy.RetryAfter = "1";
        proxy.Set(new Fault(StoreCall.Put, FaultKind.SlowDown, After: false, Times: 1));
        using var store = container.Open(TimeProvider.System, container.Settings(proxy.Address), Hasty with { LongestDelay = TimeSpan.FromSeconds(20) });

        var watch = Stopwatch.StartNew();
        await store.ReplaceAsync(Name, "x"u8.ToArray(), Cancelled);

        Assert.Equal(1, proxy.Hits);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.9, 10);
    }

    [Theory]
    [InlineData(null, null, "but it is not immutable")]
    [InlineData("unlocked", 30, "is protected less than asked for: unlocked until")]
    [InlineData("locked", 2, "is protected less than asked for: locked until")]
    [InlineData("locked", 30, null)]
    public async Task A_policy_that_is_missing_weaker_or_shorter_than_asked_for_is_found_out(string? mode, int? days, string? expected)
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        await using var proxy = await FaultProxy.StartAsync(container.Endpoint);
        if (mode is not null) proxy.Added[(StoreCall.Head, "x-ms-immutability-policy-mode")] = mode;
        if (days is { } until) proxy.Added[(StoreCall.Head, "x-ms-immutability-policy-until-date")] = TimeProvider.System.GetUtcNow().AddDays(until).ToString("R");
        var settings = new AzureSettings { Connection = container.Connection(proxy.Address), Container = container.Name, Immutability = AzureImmutability.Locked, ImmutabilityDays = 30 };
        using var store = container.Open(TimeProvider.System, settings);

        await using var upload = await store.BeginUploadAsync(Name, Cancelled);
        await upload.WriteAsync(StoreExtensions.Bytes(10), Cancelled);
        await upload.CompleteAsync(Cancelled);

        Assert.Null(upload.Doubt);
        if (expected is null) Assert.Null(upload.Shortfall);
        else Assert.Contains(expected, upload.Shortfall?.Message, StringComparison.Ordinal);
        Assert.Equal(30, store.LockDays);
    }

    [Fact]
    public async Task A_blob_with_snapshots_is_left_alone_and_named()
    {
        await using var container = await AzureTestContainer.CreateAsync(azurite);
        using var store = container.Open(TimeProvider.System);
        await store.ReplaceAsync(Name, "x"u8.ToArray(), Cancelled);
        await container.Client.GetBlockBlobClient(AzureTestContainer.Prefix + Name).CreateSnapshotAsync(cancellationToken: Cancelled);

        Assert.Contains("snapshots", (await Assert.ThrowsAsync<DeepSightException>(() => store.DeleteAsync([Name], Cancelled))).Message, StringComparison.Ordinal);
        Assert.Equal([Name], await store.NamesAsync());
    }

    [Theory]
    [InlineData("BACKUP_AZURE_ACCOUNT", "My_Account", "BACKUP_AZURE_ACCOUNT is 'My_Account'")]
    [InlineData("BACKUP_AZURE_ACCOUNT", "http://acct.blob.core.windows.net", "it must be the account's name")]
    [InlineData("BACKUP_AZURE_CONNECTION", "AccountKey=c2VjcmV0", "BACKUP_AZURE_CONNECTION can't be read")]
    [InlineData("BACKUP_AZURE_CONNECTION", "https://acct.blob.core.windows.net/deepsight-backups?sv=2024", "BACKUP_AZURE_CONNECTION can't be read")]
    [InlineData("BACKUP_AZURE_CONNECTION", "https://acct.blob.core.windows.net/other?sv=2024&sig=c2VjcmV0", "is for the container 'other'")]
    [InlineData("BACKUP_AZURE_CONNECTION", "http://acct.blob.core.windows.net/deepsight-backups?sv=2024&sig=c2VjcmV0", "must begin with https")]
    [InlineData("BACKUP_AZURE_CONTAINER", "Not--Good", "BACKUP_AZURE_CONTAINER")]
    [InlineData("BACKUP_AZURE_IMMUTABILITY", "locked", "must be set together")]
    [InlineData("BACKUP_STORE", "azure", "neither BACKUP_AZURE_ACCOUNT nor BACKUP_AZURE_CONNECTION")]
    public void Settings_that_cannot_work_are_told_by_name_and_without_the_secret(string name, string value, string expected)
    {
        var settings = DeepSightSettings.Load(new Core.Settings.SettingsSource().Add([KeyValuePair.Create(name, (string?)value)], "test"));
        var error = Assert.Single(settings.Errors);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", error, StringComparison.Ordinal);
    }

    private static async Task FailsAsync(AzureTestContainer container, AzureSettings settings, string expected, string hint, Func<IBackupStore, Task>? action = null)
    {
        using var store = container.Open(TimeProvider.System, settings, Hasty);
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => action?.Invoke(store) ?? store.NamesAsync());
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Contains(hint, failure.Hint, StringComparison.Ordinal);
        foreach (var secret in settings.Connection!.Split(';', '&', '?').Where(part => part.StartsWith("AccountKey=", StringComparison.Ordinal) || part.StartsWith("sig=", StringComparison.Ordinal)))
            Assert.DoesNotContain(secret.Split('=', 2)[1].TrimEnd('='), failure.ToString(), StringComparison.Ordinal);
    }
}
