namespace DeepSight.Core.Storage;

/// <summary>
/// Where backups live: a directory, a prefix of an S3 bucket or of an Azure container. Names are relative, with <c>/</c> between folders, of ASCII
/// letters, digits and <c>. _ -</c>; other names are refused, and what others put there is passed over.
/// An object is either there whole or not there; nothing is ever overwritten unless the caller says so.
/// Failures are <see cref="DeepSightException"/>s that name the store, the operation and what to do.
/// Safe for concurrent use, by several processes as well.
/// </summary>
public interface IBackupStore
{
    /// <summary>For people: <c>/var/backups/deepsight</c>, <c>s3://deepsight-backups/db-backups/</c>. Never holds a secret.</summary>
    string Location { get; }

    /// <summary>For people, in lists: <c>local</c>, <c>S3</c>, <c>Azure</c>.</summary>
    string Kind { get; }

    /// <summary>For how many days after its upload the store refuses to delete an object; null: it never refuses.</summary>
    int? LockDays { get; }

    /// <summary>What fits into it still; null where nothing limits it, or that can't be told.</summary>
    long? FreeBytes { get; }

    /// <summary>
    /// Everything whose name starts with <paramref name="prefix"/> (which may end within a name), in ordinal order of names.
    /// Unfinished uploads and leases are not there. Empty when the directory does not exist yet.
    /// </summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => ListAsync(prefix, "", cancellationToken);

    /// <summary>The same, of the names alone that come after <paramref name="after"/>; of a long listing that costs as much as what is left of it.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, string after, CancellationToken cancellationToken);

    /// <summary>The object's size and version, or null when there is none of that name.</summary>
    Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Opens for reading from <paramref name="offset"/>. With <paramref name="version"/>, only that very content: if the object
    /// was replaced meanwhile it fails with <see cref="FailureKind.Corrupt"/>. Without one, it is pinned to what is there now: a
    /// read that was cut and goes on never mixes two contents. Fails with <see cref="FailureKind.NothingToDo"/> when there is
    /// none of that name.
    /// </summary>
    Task<Stream> OpenReadAsync(string name, long offset, string? version, CancellationToken cancellationToken);

    /// <summary>
    /// Starts an upload of unknown length. Nothing is visible before <see cref="IBackupUpload.CompleteAsync"/>, and whether the
    /// name is free is decided there: whoever wants to be sure beforehand reserves it with a marker.
    /// </summary>
    Task<IBackupUpload> BeginUploadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Writes a small object if none of that name exists; false, and nothing changed, when one does.</summary>
    Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Writes a small object, replacing one of that name.</summary>
    Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the objects in the order given; those that are not there are passed over. Stops at the first that can't be
    /// deleted. S3 deletes up to 1,000 in one request, in no order among them: what must go last goes in another call.
    /// </summary>
    Task DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the named lease for <paramref name="duration"/>, or returns null while another holder's has not run out.
    /// Disposing gives it back; a holder that died loses it when the duration ends. A holder that works for longer renews
    /// at half-time.
    /// </summary>
    Task<IStoreLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>
    /// Removes what this tool left unfinished, of this object or (null) of all: temporary files and multipart uploads to which nothing was written since
    /// <paramref name="untouchedSince"/>. Returns what was removed, for people; of a service that discards unfinished uploads by itself,
    /// what it still has. Backups and their markers are the caller's.
    /// </summary>
    Task<IReadOnlyList<string>> SweepUnfinishedAsync(string? name, DateTimeOffset untouchedSince, CancellationToken cancellationToken);

    /// <summary>What the store goes on keeping of what is deleted, for people: <c>soft delete keeps it for 7 days</c>. Null: nothing, or it can't be seen.</summary>
    Task<string?> FindKeptAfterDeletionAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>
    /// Tries everything that jobs need, one after another, and leaves nothing. A check that fails is an answer, not an
    /// exception; what can't be tried after it is left out.
    /// </summary>
    /// <param name="lastBackupBytes">What the last backup took: a store that knows its free space says whether another fits. Null when there is none.</param>
    /// <param name="cancellationToken">Ends the checks; what they wrote is removed all the same.</param>
    IAsyncEnumerable<StoreCheck> CheckAsync(long? lastBackupBytes, CancellationToken cancellationToken);
}

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

/// <summary>A lease held in a store. Disposing gives it back.</summary>
public interface IStoreLease : IAsyncDisposable
{
    /// <summary>Starts the duration anew; fails with <see cref="FailureKind.Busy"/> when the lease was lost to another holder.</summary>
    Task RenewAsync(CancellationToken cancellationToken);
}

/// <summary>One object as a store lists it.</summary>
/// <param name="Name">Relative to the store's root, with <c>/</c> between folders: <c>runs/2026/02/12/030000_backup_x.json</c>.</param>
/// <param name="Size">In bytes.</param>
/// <param name="LastModified">By the store's clock; for sweeping leftovers only, never for a backup's age (its name tells).</param>
/// <param name="Version">What pins this very content in a later read: an ETag on S3, size and modification time locally.</param>
public sealed record StoredObject(string Name, long Size, DateTimeOffset LastModified, string Version)
{
    /// <summary>Why the content can't be read as it is, and what to do: it lies in an archive. Null where it can.</summary>
    public DeepSightException? Archived { get; init; }
}
