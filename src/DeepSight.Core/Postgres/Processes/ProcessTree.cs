using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace DeepSight.Core.Postgres.Processes;

/// <summary>Signals, which .NET doesn't send, and the descendants of a process, which outlive it unless they are known in time.</summary>
internal static class ProcessTree
{
    public const int Terminate = 15;
    private const int Killed = 9;

    /// <summary>Sends a signal; that the process has just ended is no failure.</summary>
    public static void Signal(int processId, int signal)
    {
        const int noSuchProcess = 3;
        if (Kill(processId, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not noSuchProcess)
            throw new Win32Exception(error);
    }

    /// <summary>Children, grandchildren and so on that are alive now. Linux only; empty elsewhere.</summary>
    public static IReadOnlyList<Member> DescendantsOf(int processId)
    {
        if (!OperatingSystem.IsLinux()) return [];

        var all = Directory.EnumerateDirectories("/proc").Select(folder => Read(Path.GetFileName(folder))).OfType<Member>().ToLookup(member => member.ParentId);
        var found = new List<Member>(all[processId]);
        for (var i = 0; i < found.Count; i++)
            found.AddRange(all[found[i].Id]);
        return found;
    }

    /// <summary>Kills it if it is still the process that it was: ids are given out again.</summary>
    public static void KillIfAlive(Member member)
    {
        if (Read(member.Id.ToString(CultureInfo.InvariantCulture))?.Started == member.Started) Signal(member.Id, Killed);
    }

    private static Member? Read(string processId)
    {
        if (!int.TryParse(processId, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return null;
        try
        {
            // "pid (name) state ppid …", start time 22nd (man 5 proc). The name may hold anything: count from its closing bracket.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new Member(id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended a moment ago.
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);

    /// <param name="Started">In clock ticks since boot: tells two processes of one id apart.</param>
    public sealed record Member(int Id, int ParentId, string Started);
}
