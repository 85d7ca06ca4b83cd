using DeepSight.Tests.Queues;

namespace DeepSight.Tests.Storage;

public sealed class AzureBackupStoreTests(SharedAzurite azurite) : BackupStoreContract
{
    protected override Task<StoreUnderTest> OpenAsync() => AzureTestContainer.OpenStoreAsync(azurite, Clock);

    /// <summary>Blocks that nobody commits are discarded by the service; until then the sweep tells of them, unless a backup is at work.</summary>
    [Fact]
    public override async Task The_sweep_removes_what_was_left_unfinished_and_nothing_else()
    {
        const string abandoned = "deepsight_20260211_030000.sql.gz";
        await using var test = await OpenAsync();
        await test.Store.UploadAsync("deepsight_20260212_030000.sql.gz", StoreExtensions.Bytes(10));
        var upload = await test.Store.BeginUploadAsync(abandoned, Cancelled);
        await upload.WriteAsync(StoreExtensions.Bytes(9_000_000), Cancelled);
        await test.Store.ReplaceAsync(abandoned + ".pending", "x"u8.ToArray(), Cancelled);

        var now = TimeProvider.System.GetUtcNow();
        await Eventually.HoldsAsync(async () => (await test.Store.SweepUnfinishedAsync(abandoned, now.AddHours(1), Cancelled)).Count == 1, () => "The block never came.");
        Assert.Empty(await test.Store.SweepUnfinishedAsync(null, now.AddHours(-1), Cancelled));
        Assert.Contains(abandoned, Assert.Single(await test.Store.SweepUnfinishedAsync(null, now.AddHours(1), Cancelled)), StringComparison.Ordinal);
        Assert.Empty(await test.Store.SweepUnfinishedAsync("deepsight_20260212_030000.sql.gz", now.AddHours(1), Cancelled));

        Assert.Equal([abandoned + ".pending", "deepsight_20260212_030000.sql.gz"], await test.Store.NamesAsync());
        await upload.DisposeAsync();
    }
}
