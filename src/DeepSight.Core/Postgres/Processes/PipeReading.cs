namespace DeepSight.Core.Postgres.Processes;

/// <summary>
/// Reads a child's pipe to its end. The end is EOF, or the child's exit with nothing of its own left in the pipe: a grandchild
/// that inherited the pipe may keep it open for ever.
/// </summary>
internal static class PipeReading
{
    /// <summary>The most that Linux lets an unprivileged pipe hold: more than that after the exit can't be the child's.</summary>
    private const int MostAfterExit = 1024 * 1024;

    /// <summary>After the exit all that the child wrote is there to be read at once; this is for a busy machine.</summary>
    private static readonly TimeSpan QuietAfterExit = TimeSpan.FromSeconds(1);

    /// <param name="sink">Takes the bytes at its own pace; returns false to stop.</param>
    public static async Task RunAsync(Stream pipe, Func<ReadOnlyMemory<byte>, ValueTask<bool>> sink, Task exited)
    {
        var buffer = new byte[128 * 1024];
        var afterExit = 0;
        while (afterExit < MostAfterExit)
        {
            var hadExited = exited.IsCompleted;
            var reading = pipe.ReadAsync(buffer, CancellationToken.None).AsTask();
            if (await Task.WhenAny(reading, exited) != reading && await Task.WhenAny(reading, Task.Delay(QuietAfterExit)) != reading)
                return;

            var read = await reading;
            if (read == 0 || !await sink(buffer.AsMemory(0, read))) return;
            if (hadExited) afterExit += read;
        }
    }
}
