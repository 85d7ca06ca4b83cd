namespace DeepSight.Core.Storage;

/// <summary>An upload in progress. Disposed without <see cref="CompleteAsync"/> it leaves nothing.</summary>
public interface IBackupUpload : IAsyncDisposable
{
    /// <summary>Where the content is written. A slow store makes the write wait; memory stays bounded.</summary>
    Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the object visible, durably, if none of that name exists by now;
    /// otherwise fails with <see cref="FailureKind.Busy"/> and leaves nothing.
    /// </summary>
    Task<StoredObject> CompleteAsync(CancellationToken cancellationToken);

    /// <summary>What the store did not do as it was asked, though the object is there and whole. Known once it is complete; null when all was done.</summary>
    DeepSightException? Shortfall { get; }

    /// <summary>Why that can't be told; null when it can.</summary>
    string? Doubt { get; }
}
