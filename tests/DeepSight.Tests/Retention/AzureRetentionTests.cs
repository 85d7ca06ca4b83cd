using DeepSight.Tests.Queues;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Retention;

public sealed class AzureRetentionTests(SharedAzurite azurite) : RetentionJobContract
{
    protected override Task<StoreUnderTest> OpenAsync()
    {
        Assert.SkipUnless(Matrix.IsFull, "Long: with DEEPSIGHT_TEST_FULL=1.");
        return AzureTestContainer.OpenStoreAsync(azurite, Clock);
    }
}
