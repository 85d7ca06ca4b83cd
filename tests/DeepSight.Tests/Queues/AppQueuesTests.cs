using DeepSight.Functions;
using Microsoft.Extensions.Configuration;

namespace DeepSight.Tests.Queues;

public sealed class AppQueuesTests
{
    [Fact]
    public void A_storage_account_that_is_named_and_opened_by_identity_is_the_apps()
    {
        // As the environment's AzureWebJobsStorage__accountName arrives in configuration.
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("AzureWebJobsStorage:accountName", (string?)"deepsightstore")]).Build();

        Assert.Equal("storage account 'deepsightstore'", new AppQueues(configuration, TimeProvider.System).Open().Location);
    }
}
