using System.Diagnostics;
using System.Runtime.InteropServices;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary>The command as a process of its own, with only these settings in its environment.</summary>
internal sealed class CommandProcess : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> errors;

    /// <summary>The runtime that the tests run on.</summary>
    public static readonly string Dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    /// <summary>What <c>deepsight test</c> has compiled to machine code, as operators run it; else what was built in its own output folder.</summary>
    private static readonly string[] Command = Environment.GetEnvironmentVariable("DEEPSIGHT_COMMAND") is { Length: > 0 } native
        ? [native]
        :
        [
            Dotnet,
            Path.Combine(AppContext.BaseDirectory.Replace("DeepSight.Tests", "DeepSight.Cli", StringComparison.Ordinal), "deepsight.dll"),
        ];

    private CommandProcess(IEnumerable<KeyValuePair<string, string>> settings, string[] line)
    {
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = folder.Path;
        start.Environment["TMPDIR"] = Path.GetTempPath();
        foreach (var (name, value) in settings) start.Environment[name] = value;
        process = Process.Start(start)!;
        process.StandardInput.Close();
        output = process.StandardOutput.ReadToEndAsync();
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The command's own line, for a shell that starts it.</summary>
    public static string[] Line(params string[] arguments) => [.. Command, .. arguments];

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    public static CommandProcess Start(IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments) => new(settings, Line(arguments));

    public static Task<CommandResult> RunAsync(IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments) => RunLineAsync(settings, Line(arguments));

    /// <summary>Any program, in the same surroundings.</summary>
    public static async Task<CommandResult> RunLineAsync(IEnumerable<KeyValuePair<string, string>> settings, params string[] line)
    {
        using var command = new CommandProcess(settings, line);
        return await command.EndAsync();
    }

    public async Task<CommandResult> EndAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>SIGKILL, to the command alone.</summary>
    public void Kill() => process.Kill();

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
        folder.Dispose();
    }
}
