using System.Runtime.CompilerServices;
using DeepSight.Core.Storage.Leases;

namespace DeepSight.Core.Storage.Local;

/// <summary>
/// Backups in a directory, made private to its owner (folders 0700, files 0600). A file appears under its name only when it is
/// whole and on the disk: temporary name, fsync, rename that never replaces, fsync of the directory.
/// </summary>
public sealed class LocalBackupStore : IBackupStore
{
    private readonly LocalFolder folder;
    private readonly TimeProvider clock;

    /// <param name="directory">Absolute; made with the first write when it is missing.</param>
    /// <param name="clock">Decides when a lease has run out.</param>
    public LocalBackupStore(string directory, TimeProvider clock)
    {
        folder = new LocalFolder(directory);
        this.clock = clock;
    }

    public string Location => folder.Root;

    public string Kind => "local";

    public int? LockDays => null;

    public long? FreeBytes => folder.FreeBytes;

    /// <summary>The file behind an object, for messages and for other tools; it need not exist.</summary>
    /// <exception cref="DeepSightException">The name is not one of a store.</exception>
    public string PathOf(string name) => folder.PathOf(name);

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, string after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        folder.RequireOurs();
        var files = await Task.Run(() => Try(() => LocalListing.Read(folder.Root, prefix, after), "list", folder.Root), cancellationToken);
        foreach (var file in files)
            yield return file;
    }

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var file = new FileInfo(folder.PathOf(name));
        return Task.FromResult(file.Exists && TrustedPath.IsOrdinaryFile(file.FullName) ? LocalListing.Describe(name, file.Length, file.LastWriteTimeUtc) : null);
    }

    public async Task<Stream> OpenReadAsync(string name, long offset, string? version, CancellationToken cancellationToken)
    {
        var path = folder.PathOf(name);
        if (await FindAsync(name, cancellationToken) is not { } found)
            throw StoreFailures.NotFound(name, Location);
        if (version is not null && version != found.Version)
            throw StoreFailures.Replaced(name, Location);

        // An open file stays what it is, whatever is renamed over its name.
        var file = Try(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.SequentialScan), "read", path);
        file.Position = offset;
        return file;
    }

    public Task<IBackupUpload> BeginUploadAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<IBackupUpload>(new LocalUpload(folder, name));

    public async Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = folder.PathOf(name);
        return await WriteAsync(path, content, LocalFolder.TryPublish, cancellationToken);
    }

    public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = folder.PathOf(name);
        await WriteAsync(path, content, (temporary, final) => { LocalFolder.PublishOver(temporary, final); return true; }, cancellationToken);
    }

    public Task DeleteAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        foreach (var path in names.Select(folder.PathOf).Where(File.Exists))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Try(() => { File.Delete(path); LocalFolder.FlushFolderOf(path); return true; }, "delete", path);
        }

        return Task.CompletedTask;
    }

    public async Task<IStoreLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        var path = folder.PathOf(LeaseRecord.ObjectFor(name));
        Try(() => { LocalFolder.CreateFolders(Path.GetDirectoryName(path)!); return true; }, "make", Path.GetDirectoryName(path)!);
        return await LocalLease.TryTakeAsync(path, duration, clock, cancellationToken);
    }

    public Task<IReadOnlyList<string>> SweepUnfinishedAsync(string? name, DateTimeOffset untouchedSince, CancellationToken cancellationToken)
    {
        folder.RequireOurs();
        var removed = new List<string>();
        if (!Directory.Exists(folder.Root)) return Task.FromResult<IReadOnlyList<string>>(removed);

        foreach (var path in Try(() => LocalSweep.Find(folder.Root, name, untouchedSince), "list", folder.Root))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Try(() => { File.Delete(path); return true; }, "delete", path);
            removed.Add(path);
        }

        if (name is null) Try(() => { LocalSweep.RemoveEmptyFolders(folder.Root, untouchedSince); return true; }, "clear", folder.Root);
        return Task.FromResult<IReadOnlyList<string>>(removed);
    }

    public IAsyncEnumerable<StoreCheck> CheckAsync(long? lastBackupBytes, CancellationToken cancellationToken) =>
        LocalChecks.Run(folder, lastBackupBytes).ToAsyncEnumerable();

    private static async Task<bool> WriteAsync(string path, ReadOnlyMemory<byte> content, Func<string, string, bool> publish, CancellationToken cancellationToken)
    {
        var temporary = LocalFolder.TemporaryFor(path);
        try
        {
            await using (var file = LocalFolder.CreateFile(temporary))
            {
                await file.WriteAsync(content, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            return publish(temporary, path);
        }
        catch (Exception e) when (LocalErrors.IsOurs(e))
        {
            throw LocalErrors.Explain(e, "write", path);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    private static T Try<T>(Func<T> action, string doing, string path)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (LocalErrors.IsOurs(e))
        {
            throw LocalErrors.Explain(e, doing, path);
        }
    }
}
