using DeepSight.Core.Storage.Leases;

namespace DeepSight.Core.Storage.Local;

/// <summary>
/// A lease as a small file, read and rewritten under the file system's lock (flock): of several that find it run out only one
/// takes it. The file stays when the lease is given back, since a lock on a deleted file excludes nobody.
/// </summary>
internal sealed class LocalLease : IStoreLease
{
    private const int SharingViolation = unchecked((int)0x80070020); // the same on Windows

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly string path;
    private readonly TimeSpan duration;
    private readonly TimeProvider clock;
    private readonly string id;

    private LocalLease(string path, TimeSpan duration, TimeProvider clock, string id) =>
        (this.path, this.duration, this.clock, this.id) = (path, duration, clock, id);

    public static async Task<LocalLease?> TryTakeAsync(string path, TimeSpan duration, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var file = await LockAsync(path, cancellationToken);
        if (Read(file) is { } held && held.HoldsAt(clock.GetUtcNow())) return null;

        var taken = LeaseRecord.New(clock.GetUtcNow() + duration);
        Write(file, taken);
        return new LocalLease(path, duration, clock, taken.Id);
    }

    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await using var file = await LockAsync(path, cancellationToken);
        var held = Read(file);
        if (held?.Id != id)
            throw new DeepSightException(FailureKind.Busy, $"The lease '{path}' was lost: {held?.Holder ?? "somebody else"} took it after it ran out.");

        Write(file, held with { ExpiresAt = clock.GetUtcNow() + duration });
    }

    public async ValueTask DisposeAsync()
    {
        await using var file = await LockAsync(path, CancellationToken.None);
        if (Read(file)?.Id == id) file.SetLength(0);
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        // The lock is held for the time of one read and one write; the wait is by the system's clock, not by the tests'.
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (File.Exists(path) && !TrustedPath.IsOrdinaryFile(path))
                    throw new DeepSightException(FailureKind.Refused, $"The lease '{path}' is no ordinary file.", "remove it: nothing of this tool is lost with it.");
                return new FileStream(path, options);
            }
            catch (IOException e) when (e.HResult is Errno.WouldBlock or SharingViolation && TimeProvider.System.GetElapsedTime(started) < LongestWait)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
            }
            catch (Exception e) when (LocalErrors.IsOurs(e))
            {
                throw LocalErrors.Explain(e, "take the lease", path);
            }
        }
    }

    private static LeaseRecord? Read(FileStream file)
    {
        if (file.Length > LeaseRecord.MostBytes) return null;
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return LeaseRecord.Parse(content);
    }

    private static void Write(FileStream file, LeaseRecord lease)
    {
        file.SetLength(0);
        file.Position = 0;
        file.Write(lease.ToBytes());
        file.Flush(flushToDisk: true);
    }
}
