using System.Diagnostics;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.FakeTool;

/// <summary>Children that outlive their parents, and parents that die.</summary>
internal static class Family
{
    /// <summary>Succeeds, and leaves a process behind that holds the pipes open.</summary>
    public static int LeaveGrandchild()
    {
        Console.WriteLine("-- " + StartGrandchild());
        return 0;
    }

    public static async Task<int> HangWithGrandchildAsync()
    {
        Console.WriteLine("-- " + StartGrandchild());
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    /// <summary>Runs the given tool as DeepSight does, says its process id, and reads until it is killed.</summary>
    public static async Task<int> BeParentAsync(string[] command)
    {
        var tool = ToolProcess.Start(new ToolCommand { Name = "child", Program = command[0], Arguments = command[1..] }, CancellationToken.None);
        Console.WriteLine(tool.Id);
        await tool.Output.CopyToAsync(Stream.Null);
        return 0;
    }

    private static int StartGrandchild()
    {
        using var grandchild = Process.Start(new ProcessStartInfo("/bin/sleep", ["300"]) { UseShellExecute = false })!;
        return grandchild.Id;
    }
}
