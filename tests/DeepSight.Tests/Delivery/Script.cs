using System.Diagnostics;
using DeepSight.Tests.Cli;
using DeepSight.Tests.Servers;

namespace DeepSight.Tests.Delivery;

/// <summary>A script of the clone, run to its end in our own surroundings: it may need the feeds and proxies that are set there.</summary>
internal static class Script
{
    public static Task<CommandResult> RunAsync(string path, params string[] arguments) => RunLineAsync([Path.Combine(Clone.Root, path), .. arguments]);

    public static async Task<CommandResult> RunLineAsync(string[] line, IReadOnlyDictionary<string, string>? more = null)
    {
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CommandResult(process.ExitCode, await output, await errors);
    }
}
