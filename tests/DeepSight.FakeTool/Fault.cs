using System.Runtime.InteropServices;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.FakeTool;

/// <summary>Ways to end badly, or not at all.</summary>
internal static class Fault
{
    public static int Say(string words, int exitCode)
    {
        Console.Error.WriteLine(words);
        return exitCode;
    }

    /// <summary>Far more than any pipe holds: whoever doesn't drain stderr hangs.</summary>
    public static int Flood(int megabytes)
    {
        using var errors = Console.OpenStandardError();
        var line = System.Text.Encoding.UTF8.GetBytes(new string('!', 1023) + "\n");
        for (var i = 0; i < megabytes * 1024; i++) errors.Write(line);
        return Say("pg_dump: error: the last word", 1);
    }

    /// <summary>Says that it is up, then sleeps.</summary>
    public static async Task<int> HangAsync(bool evenWhenTerminated)
    {
        using var handler = evenWhenTerminated ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true) : null;
        Console.WriteLine("-- hanging");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public static int Die(int signal)
    {
        ProcessTree.Signal(Environment.ProcessId, signal);
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}
