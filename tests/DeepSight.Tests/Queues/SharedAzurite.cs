using DeepSight.Tests.Queues;

[assembly: AssemblyFixture(typeof(SharedAzurite))]

namespace DeepSight.Tests.Queues;

/// <summary>One emulator for all tests that don't stop it; started when the first of them asks.</summary>
public sealed class SharedAzurite : IAsyncDisposable
{
    private readonly Lazy<Task<Azurite>> server = new(Azurite.StartNewAsync);

    public async Task<string> ConnectionStringAsync() => (await server.Value).ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (server.IsValueCreated) await (await server.Value).DisposeAsync();
    }
}
