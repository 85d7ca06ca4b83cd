using DeepSight.Core.Storage;

namespace DeepSight.Tests.Storage;

/// <summary>A fresh, empty store, with what the contract suite has to do behind its back.</summary>
public sealed class StoreUnderTest(IBackupStore store, Func<string, byte[], Task> plant, Func<Task<int>> countUnfinished, Func<ValueTask> remove)
    : IAsyncDisposable
{
    public IBackupStore Store { get; } = store;

    /// <summary>Puts an object there as somebody else would: any name, any content.</summary>
    public Task PlantAsync(string name, byte[] content) => plant(name, content);

    /// <summary>How many temporary files or multipart uploads lie there, of whatever age.</summary>
    public Task<int> CountUnfinishedAsync() => countUnfinished();

    public ValueTask DisposeAsync() => remove();
}
