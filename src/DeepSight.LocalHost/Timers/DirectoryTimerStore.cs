using DeepSight.Core;

namespace DeepSight.LocalHost.Timers;

/// <summary>Timer status as files of a folder; the claim is a lock on a file, which the system drops when its process ends, however it ends.</summary>
internal sealed class DirectoryTimerStore(string folder) : ITimerStore
{
    public string Location => folder;

    public Task<ScheduleStatus?> ReadAsync(string function, CancellationToken cancellationToken) => Attempt("read", function, async () =>
    {
        var path = PathOf(function, ".json");
        return File.Exists(path) ? ScheduleStatus.Read(await File.ReadAllBytesAsync(path, cancellationToken)) : null;
    });

    public Task WriteAsync(string function, ScheduleStatus status, CancellationToken cancellationToken) => Attempt("write", function, async () =>
    {
        // Aside first: a host killed in the middle must leave the old status, not half of the new.
        Directory.CreateDirectory(folder);
        var aside = PathOf(function, ".unfinished");
        await File.WriteAllBytesAsync(aside, status.ToJson(), cancellationToken);
        File.Move(aside, PathOf(function, ".json"), overwrite: true);
        return status;
    });

    public Task<ITimerLease?> TryLeaseAsync(string function, CancellationToken cancellationToken) => Attempt("lock", function, () =>
    {
        Directory.CreateDirectory(folder);
        var path = PathOf(function, ".lock");
        try
        {
            return Task.FromResult<ITimerLease?>(new Lease(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)));
        }
        catch (IOException e) when (IsLockedByAnother(e))
        {
            return Task.FromResult<ITimerLease?>(null);
        }
    });

    /// <summary>EWOULDBLOCK of Linux and of macOS, and Windows' sharing violation; a full disk or the like is another matter.</summary>
    private static bool IsLockedByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private string PathOf(string function, string suffix) => Path.Combine(folder, function + suffix);

    private async Task<T> Attempt<T>(string step, string function, Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeepSightException(FailureKind.Failed, $"Could not {step} the timer status of '{function}' in '{folder}': {e.Message}",
                "check that the folder is writable by this user and not full.", e);
        }
    }

    private sealed class Lease(FileStream file) : ITimerLease
    {
        public Task<bool> RenewAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
