using DeepSight.Tests.Queues;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Retention;

[Trait(Matrix.Runs, Matrix.Full)]
public sealed class AzureRetentionTests(SharedAzurite azurite) : RetentionJobContract
{
    protected override Task<StoreUnderTest> OpenAsync() => AzureTestContainer.OpenStoreAsync(azurite, Clock);
}
