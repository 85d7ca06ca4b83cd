using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace DeepSight.Core.Postgres.Processes;

/// <summary>
/// Reads a child's pipe to its end. The end is EOF, or the child's exit with nothing left in the pipe: a grandchild that
/// inherited the pipe may keep it open for ever.
/// </summary>
/// <remarks>
/// On a thread of its own, with blocking reads: pg_dump writes a few kilobytes at a time, and .NET's asynchronous reads of a pipe
/// cost 40 µs each, more CPU than the rest of a backup.
/// </remarks>
internal static class PipeReading
{
    /// <summary>As much as Linux lets an unprivileged pipe hold: what comes after that, after the exit, isn't the child's.</summary>
    private const int Capacity = 1024 * 1024;

    /// <param name="read">Reads once and keeps what it got, at its own pace; returns how much that was, 0 to end.</param>
    public static Task RunAsync(Stream pipe, Func<Stream, int> read, Task exited) =>
        Task.Factory.StartNew(() => Run((PipeStream)pipe, read, exited), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Run(PipeStream pipe, Func<Stream, int> read, Task exited)
    {
        Widen(pipe);
        var afterExit = 0;
        while (afterExit < Capacity)
        {
            var hadExited = exited.IsCompleted;
            if (!WaitForContent(pipe, hadExited ? 0 : 100))
            {
                if (hadExited) return;
                continue;
            }

            var got = read(pipe);
            if (got == 0) return;
            if (hadExited) afterExit += got;
        }
    }

    /// <summary>True when a read would not block: there is content, or the end.</summary>
    private static bool WaitForContent(PipeStream pipe, int milliseconds)
    {
        const short readable = 1;
        const int interrupted = 4;
        var wanted = new PollDescriptor { File = (int)pipe.SafePipeHandle.DangerousGetHandle(), Events = readable };
        var ready = Poll(ref wanted, 1, milliseconds);
        if (ready < 0 && Marshal.GetLastPInvokeError() is var error and not interrupted) throw new Win32Exception(error);
        return ready > 0;
    }

    /// <summary>From 64 KiB, so that the tool goes on while we are busy. The system may refuse; then it stays as it is.</summary>
    private static void Widen(PipeStream pipe)
    {
        const int setPipeSize = 1031;
        if (OperatingSystem.IsLinux()) _ = Control((int)pipe.SafePipeHandle.DangerousGetHandle(), setPipeSize, Capacity);
    }

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref PollDescriptor descriptor, nuint count, int milliseconds);

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int Control(int file, int command, int argument);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int File;
        public short Events;
        public short Happened;
    }
}
