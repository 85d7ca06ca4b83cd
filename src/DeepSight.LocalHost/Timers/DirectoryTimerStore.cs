using DeepSight.Core;
using DeepSight.Core.Queues;
using Microsoft.Extensions.Logging;

namespace DeepSight.LocalHost.Timers;

/// <summary>
/// Timer status as files of a folder; the claim is a lock on a file, which the system drops when its process ends, however it ends.
/// A disk that is full, or takes nothing, must not cost a backup: timers run without status and lock then, and it is told.
/// </summary>
internal sealed class DirectoryTimerStore : ITimerStore
{
    private readonly string folder;
    private readonly ILogger logger;

    /// <exception cref="DeepSightException">Others could have put something there.</exception>
    public DirectoryTimerStore(string folder, ILogger logger)
    {
        (this.folder, this.logger) = (folder, logger);
        try
        {
            LocalState.MakePrivate(folder);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Tell(e, "The folder for the timers' state can't be made");
        }
    }

    public string Location => folder;

    public string? Problem { get; private set; }

    public async Task<ScheduleStatus?> ReadAsync(string function, CancellationToken cancellationToken)
    {
        var path = PathOf(function, ".json");
        try
        {
            return File.Exists(path) ? ScheduleStatus.Read(await File.ReadAllBytesAsync(path, cancellationToken)) : null;
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Tell(e, $"The status of the timer '{function}' can't be read; it begins anew");
            return null;
        }
    }

    public async Task WriteAsync(string function, ScheduleStatus status, CancellationToken cancellationToken)
    {
        // Aside first: a host killed in the middle must leave the old status, not half of the new.
        var aside = PathOf(function, ".unfinished");
        try
        {
            await using (var file = Open(aside, FileMode.Create, FileShare.Read)) await file.WriteAsync(status.ToJson(), cancellationToken);
            File.Move(aside, PathOf(function, ".json"), overwrite: true);
            Problem = null;
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Problem = $"Could not write the timer status of '{function}' in '{folder}': {e.Message}";
            throw new DeepSightException(FailureKind.Failed, Problem, "check that the folder is writable by this user and not full.", e);
        }
    }

    public Task<ITimerLease?> TryLeaseAsync(string function, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<ITimerLease?>(new Lease(Open(PathOf(function, ".lock"), FileMode.OpenOrCreate, FileShare.None)));
        }
        catch (IOException e) when (IsLockedByAnother(e))
        {
            return Task.FromResult<ITimerLease?>(null);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            Tell(e, $"The lock of the timer '{function}' can't be taken; it runs without, and another host here would run it as well");
            return Task.FromResult<ITimerLease?>(new Lease(null));
        }
    }

    private static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static bool IsOfDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>EWOULDBLOCK of Linux and of macOS, and Windows' sharing violation; a full disk or the like is another matter.</summary>
    private static bool IsLockedByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private string PathOf(string function, string suffix) => Path.Combine(folder, function + suffix);

    private void Tell(Exception e, string what)
    {
        Problem = $"{what}: {e.Message}";
        logger.LogError("{Problem} Check that '{Folder}' is writable by this user and not full.", Problem, folder);
    }

    private sealed class Lease(FileStream? file) : ITimerLease
    {
        public Task<bool> RenewAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public ValueTask DisposeAsync() => file?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
