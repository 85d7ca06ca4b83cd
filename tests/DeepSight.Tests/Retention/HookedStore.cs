using DeepSight.Core.Storage;

namespace DeepSight.Tests.Retention;

/// <summary>A real store that tells of every delete before it happens, and can be made to fail there.</summary>
internal sealed class HookedStore(IBackupStore inner) : IBackupStore
{
    /// <summary>Each call's names, in their order.</summary>
    public List<IReadOnlyList<string>> Deletes { get; } = [];

    /// <summary>Called before each delete.</summary>
    public Func<IReadOnlyCollection<string>, Task> BeforeDelete { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called after an object was created.</summary>
    public Func<string, Task> Created { get; set; } = _ => Task.CompletedTask;

    public string Location => inner.Location;

    public string Kind => inner.Kind;

    public int? LockDays { get; init; } = inner.LockDays;

    public long? FreeBytes => inner.FreeBytes;

    public async Task DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        await BeforeDelete(names);
        Deletes.Add([.. names]);
        await inner.DeleteAsync(names, cancellationToken);
    }

    public async Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var created = await inner.TryCreateAsync(name, content, cancellationToken);
        await Created(name);
        return created;
    }

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, string after, CancellationToken cancellationToken) => inner.ListAsync(prefix, after, cancellationToken);

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    public Task<Stream> OpenReadAsync(string name, long offset, string? version, CancellationToken cancellationToken) =>
        inner.OpenReadAsync(name, offset, version, cancellationToken);

    public Task<IBackupUpload> BeginUploadAsync(string name, CancellationToken cancellationToken) => inner.BeginUploadAsync(name, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => inner.ReplaceAsync(name, content, cancellationToken);

    public Task<IStoreLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken) => inner.TryLeaseAsync(name, duration, cancellationToken);

    public Task<IReadOnlyList<string>> SweepUnfinishedAsync(string? name, DateTimeOffset untouchedSince, CancellationToken cancellationToken) =>
        inner.SweepUnfinishedAsync(name, untouchedSince, cancellationToken);

    public IAsyncEnumerable<StoreCheck> CheckAsync(long? lastBackupBytes, CancellationToken cancellationToken) =>
        inner.CheckAsync(lastBackupBytes, cancellationToken);
}
