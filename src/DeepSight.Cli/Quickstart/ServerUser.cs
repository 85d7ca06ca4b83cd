using DeepSight.Core;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Cli.Quickstart;

/// <summary>PostgreSQL refuses to run as root: for root its programs run as nobody (65534 on every Linux), for anyone else as they are.</summary>
internal static class ServerUser
{
    private static readonly string[] AsNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

    public static IReadOnlyList<string> Prefix => Environment.IsPrivilegedProcess ? AsNobody : [];

    /// <summary>Runs a program as that user to its end and returns what it printed.</summary>
    /// <exception cref="DeepSightException">It failed.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        string[] line = [.. Prefix, program, .. arguments];
        await using var tool = ToolProcess.Start(new ToolCommand
        {
            Name = Path.GetFileName(program),
            Program = line[0],
            Arguments = line[1..],
            // Ours may be closed to that user.
            WorkingDirectory = "/",
            // Otherwise initdb tries every time zone there is to find the system's.
            Environment = new Dictionary<string, string> { ["TZ"] = "UTC" },
        }, cancellationToken);
        using var reader = new StreamReader(tool.Output);
        var printed = await reader.ReadToEndAsync(cancellationToken);
        await tool.WaitForSuccessAsync();
        return printed.Trim();
    }
}
