using System.Diagnostics;
using DeepSight.Core;
using DeepSight.Core.Queues;

namespace DeepSight.Tests.Queues;

public sealed class AzureStorageQueueTests(SharedAzurite azurite) : MessageQueueContract
{
    protected override async Task<IMessageQueues> OpenAsync() => Open(await azurite.ConnectionStringAsync());

    protected override Task PassAsync(TimeSpan time) => Task.Delay(time + TimeSpan.FromMilliseconds(100), Cancelled);

    private static AzureStorageQueues Open(string connectionString) =>
        new(StorageConnection.Find("Storage", name => name == "Storage" ? connectionString : null)!.Queues());

    [Fact]
    public async Task A_storage_that_cannot_be_reached_is_told_soon()
    {
        const string nowhere = "DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=c2VjcmV0;QueueEndpoint=http://127.0.0.1:9/nobody;";
        var watch = Stopwatch.StartNew();
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => Open(nowhere).Open("requests").CountAsync(Cancelled));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60));
        Assert.Equal("Could not count the queue 'requests' of storage account 'nobody': it can't be reached.", failure.Message);
        Assert.DoesNotContain("c2VjcmV0", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_told_as_refused()
    {
        var wrong = (await azurite.ConnectionStringAsync()).Replace("AccountKey=", "AccountKey=AAAA", StringComparison.Ordinal);
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => Open(wrong).Open("requests").CountAsync(Cancelled));
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }
}
