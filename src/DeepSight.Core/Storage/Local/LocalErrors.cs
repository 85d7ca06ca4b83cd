using System.Security;

namespace DeepSight.Core.Storage.Local;

/// <summary>What the file system said, as a failure that an operator can act on.</summary>
internal static class LocalErrors
{
    public static bool IsOurs(Exception e) => e is IOException or UnauthorizedAccessException or SecurityException || IsTooLarge(e);

    /// <param name="e">What was thrown.</param>
    /// <param name="doing">What was tried, to follow "Could not": <c>write</c>, <c>delete</c>.</param>
    /// <param name="path">On what.</param>
    public static DeepSightException Explain(Exception e, string doing, string path)
    {
        var (reason, hint) = e switch
        {
            _ when FileInTheWay(path) is { } file => ($"'{file}' is a file, not a directory", "set BACKUP_DIR to a directory, or move that file away."),
            UnauthorizedAccessException or SecurityException => (
                "permission denied",
                $"the directory must belong to the user that runs this ({Environment.UserName}): chown or chmod it, or set BACKUP_DIR to another one."),
            DirectoryNotFoundException or FileNotFoundException => ("it does not exist", "create it, or set BACKUP_DIR to another one."),
            { HResult: Errno.NoSpace } => ("the disk is full", "free some space, lower BACKUP_RETENTION_DAYS, or set BACKUP_DIR to a larger disk."),
            { HResult: Errno.QuotaExceeded } => ("the disk quota is used up", "free some space or raise the quota of this user."),
            { HResult: Errno.ReadOnlyFileSystem } => ("the file system is read-only", "set BACKUP_DIR to a directory that can be written."),
            _ when IsTooLarge(e) => ("the file is larger than this file system or this process may write", "use another file system for BACKUP_DIR, or raise the limit (ulimit -f)."),
            _ => (e.Message.TrimEnd('.'), "the disk or its mount may be failing; the system's log says more."),
        };
        return new DeepSightException(FailureKind.Failed, $"Could not {doing} '{path}': {reason}.", hint, e);
    }

    /// <summary>.NET's words for EFBIG.</summary>
    private static bool IsTooLarge(Exception e) => e is ArgumentOutOfRangeException { ParamName: "value" };

    private static string? FileInTheWay(string path)
    {
        for (var above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
            if (File.Exists(above)) return above;
        return null;
    }
}

/// <summary>Linux error numbers; .NET carries them in <see cref="Exception.HResult"/> of an <see cref="IOException"/>.</summary>
internal static class Errno
{
    public const int WouldBlock = 11;
    public const int Exists = 17;
    public const int Invalid = 22;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int NoSystemCall = 38;
    public const int NotSupported = 95;
    public const int QuotaExceeded = 122;
}
