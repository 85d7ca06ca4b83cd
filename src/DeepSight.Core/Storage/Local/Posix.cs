using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace DeepSight.Core.Storage.Local;

/// <summary>The three system calls that .NET lacks: rename that never replaces, hard link, and fsync of a directory.</summary>
[UnsupportedOSPlatform("windows")]
internal static class Posix
{
    private const int CurrentDirectory = -100; // AT_FDCWD; of no effect, all paths are absolute
    private const uint NoReplace = 1; // RENAME_NOREPLACE
    private const int ReadOnly = 0; // O_RDONLY

    /// <summary>
    /// Moves a file to a name that must be free: atomic, unlike <see cref="File.Move(string, string, bool)"/>, which copies where
    /// the file system has no hard links (SMB, FAT), so that a half is seen. False when the name is taken.
    /// </summary>
    /// <exception cref="IOException">Any other failure.</exception>
    public static bool TryMove(string from, string to)
    {
        if (TryRename(from, to) is { } moved) return moved;

        // NFS and old kernels can't rename without replacing, but link without replacing.
        if (link(from, to) != 0)
            return Marshal.GetLastPInvokeError() == Errno.Exists ? false : throw Failure();

        File.Delete(from);
        return true;
    }

    /// <summary>Makes a created, renamed or deleted name in the directory survive a power cut.</summary>
    /// <exception cref="IOException">The directory can't be opened or flushed.</exception>
    public static void Flush(string directory)
    {
        var handle = open(directory, ReadOnly);
        if (handle < 0) throw Failure();
        try
        {
            // Some network file systems can't flush a directory; there a rename is durable by itself.
            if (fsync(handle) != 0 && Marshal.GetLastPInvokeError() is not (Errno.Invalid or Errno.NotSupported)) throw Failure();
        }
        finally
        {
            _ = close(handle);
        }
    }

    /// <summary>Null where the system or the file system does not know the flag.</summary>
    private static bool? TryRename(string from, string to)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            if (renameat2(CurrentDirectory, from, CurrentDirectory, to, NoReplace) == 0) return true;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // a C library without a wrapper for it
        }

        return Marshal.GetLastPInvokeError() switch
        {
            Errno.Exists => false,
            Errno.Invalid or Errno.NoSystemCall or Errno.NotSupported => null,
            _ => throw Failure(),
        };
    }

    private static IOException Failure()
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException(new Win32Exception(error).Message, error);
    }

    // Declared without source generation, which would need unsafe code; the names are libc's.
#pragma warning disable SYSLIB1054, IDE1006, CA5392
    [DllImport("libc", SetLastError = true)]
    private static extern int renameat2(int fromDirectory, [MarshalAs(UnmanagedType.LPUTF8Str)] string from,
        int toDirectory, [MarshalAs(UnmanagedType.LPUTF8Str)] string to, uint flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int handle);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int handle);
#pragma warning restore SYSLIB1054, IDE1006, CA5392
}
