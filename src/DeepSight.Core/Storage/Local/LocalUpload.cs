namespace DeepSight.Core.Storage.Local;

/// <summary>A file under a temporary name until it is whole and on the disk.</summary>
internal sealed class LocalUpload : IBackupUpload
{
    private readonly LocalFolder folder;
    private readonly string name;
    private readonly string path;
    private readonly string temporary;
    private readonly FileStream file;
    private bool published;
    private bool isDisposed;

    /// <exception cref="DeepSightException">The directory can't be made or written.</exception>
    public LocalUpload(LocalFolder folder, string name)
    {
        this.folder = folder;
        this.name = name;
        path = folder.PathOf(name);
        temporary = LocalFolder.TemporaryFor(path);
        try
        {
            file = LocalFolder.CreateFile(temporary);
        }
        catch (Exception e) when (LocalErrors.IsOurs(e))
        {
            throw LocalErrors.Explain(e, "write", path);
        }
    }

    public DeepSightException? Shortfall => null;

    public string? Doubt => null;

    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await file.WriteAsync(content, cancellationToken);
        }
        catch (Exception e) when (LocalErrors.IsOurs(e))
        {
            throw LocalErrors.Explain(e, "write", path);
        }
    }

    public Task<StoredObject> CompleteAsync(CancellationToken cancellationToken) =>
        // fsync of a large file takes seconds: not on the caller's thread.
        Task.Run(Publish, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;

        isDisposed = true;
        try
        {
            await file.DisposeAsync();
            if (!published && File.Exists(temporary)) File.Delete(temporary);
        }
        catch (Exception e) when (LocalErrors.IsOurs(e))
        {
            // The disk is gone, or its folder: another store must not lose its copy over that.
            throw LocalErrors.Explain(e, "delete", temporary);
        }
    }

    private StoredObject Publish()
    {
        try
        {
            file.Flush(flushToDisk: true);
            file.Dispose();
            published = LocalFolder.TryPublish(temporary, path);
        }
        catch (Exception e) when (LocalErrors.IsOurs(e))
        {
            throw LocalErrors.Explain(e, "write", path);
        }

        if (!published)
            throw StoreFailures.Exists(name, folder.Root);

        var info = new FileInfo(path);
        return LocalListing.Describe(name, info.Length, info.LastWriteTimeUtc);
    }
}
