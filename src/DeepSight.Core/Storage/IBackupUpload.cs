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
}
