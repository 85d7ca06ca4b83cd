using System.Diagnostics;
using System.Text;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Cli;

/// <summary>The command on a terminal of its own, which <c>script</c> (util-linux) gives it: what is typed here arrives as from a keyboard.</summary>
internal sealed class TerminalProcess : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringBuilder screen = new();
    private readonly Lock sync = new();
    private readonly Process process;
    private readonly Task reading;

    private TerminalProcess(IEnumerable<KeyValuePair<string, string>> settings, IEnumerable<string> arguments)
    {
        var line = string.Join(' ', CommandProcess.Line([.. arguments]).Select(part => $"'{part}'"));
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--flush", "--command", "exec " + line, "/dev/null"])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Clear();
        start.Environment["TMPDIR"] = Path.GetTempPath();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        start.Environment["HOME"] = folder.Path;
        start.Environment["TERM"] = "xterm";
        start.Environment["SHELL"] = "/bin/sh";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        process = Process.Start(start)!;
        reading = ReadAsync();
    }

    /// <summary>All that was shown, control characters included.</summary>
    public string Screen
    {
        get
        {
            lock (sync) return screen.ToString();
        }
    }

    public static TerminalProcess Start(IEnumerable<KeyValuePair<string, string>> settings, params string[] arguments) => new(settings, arguments);

    /// <summary>
    /// Waits until this is on the screen, then types a line, or the key <c>^C</c> or <c>^D</c>: again when nothing comes of it, since who
    /// types before the question is listened to is not heard.
    /// </summary>
    public async Task AnswerAsync(string question, string line)
    {
        await AskedAsync(question);
        string? shown = null;
        await Eventually.HoldsAsync(async () =>
        {
            await Task.Delay(300, TestContext.Current.CancellationToken);
            if (process.HasExited || (shown is not null && Screen != shown)) return true;
            shown = Screen;
            await process.StandardInput.WriteAsync(line switch { "^C" => "\u0003", "^D" => "\u0004", _ => line + "\r" });
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            return false;
        }, () => $"Nothing came of '{line}': {Screen}");
    }

    /// <summary>Waits until this is on the screen.</summary>
    public Task AskedAsync(string question) =>
        Eventually.HoldsAsync(() => Screen.Contains(question, StringComparison.Ordinal) || process.HasExited, () => $"'{question}' was not asked: {Screen}");

    /// <returns>The command's exit code.</returns>
    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await reading;
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.Dispose();
        folder.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await process.StandardOutput.ReadAsync(buffer, CancellationToken.None) is > 0 and var count)
            lock (sync) screen.Append(buffer, 0, count);
    }
}
