using System.Diagnostics;
using System.Net.Sockets;
using DeepSight.Core.Queues;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.LocalHost;

/// <summary>The host as a process: signals, exit codes, and death in the middle of work.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<Process> started = [];
    private TaskCompletionSource up = new();

    private string LogFile => Path.Combine(folder.Path, "log");

    private string Hold => Path.Combine(folder.Path, "hold");

    private IMessageQueue Queue => MessageQueues.InFolder(folder.Path, TimeProvider.System).Open("work");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var process in started)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        folder.Dispose();
    }

    [Fact]
    public async Task A_message_whose_host_was_killed_in_the_middle_is_taken_up_again_and_done_once()
    {
        await File.WriteAllTextAsync(Hold, "", Cancelled);
        await SendAsync("a");
        var first = Start();
        await LoggedAsync("start a 1");
        first.Kill(entireProcessTree: true);
        await first.WaitForExitAsync(Cancelled);

        File.Delete(Hold);
        var second = Start();
        await LoggedAsync("end a");
        await SendAsync("b");
        await LoggedAsync("end b");
        await StopAsync(second, "INT", expected: 0);
        Assert.Equal(["start a 1", "start a 2", "end a", "start b 1", "end b"], await File.ReadAllLinesAsync(LogFile, Cancelled));
        Assert.Equal(0, await Queue.CountAsync(Cancelled));
    }

    [Fact]
    public async Task Killed_again_and_again_the_directory_queue_loses_nothing_and_stays_readable()
    {
        for (var kill = 0; kill < 4; kill++)
        {
            for (var i = 0; i < 10; i++) await SendAsync($"{kill}-{i}");
            var host = Start();
            var before = Ends();
            await Eventually.HoldsAsync(() => Ends() >= before + 3, () => "The host works no more.");
            host.Kill();
            await host.WaitForExitAsync(Cancelled);
        }

        var last = Start();
        await up.Task;
        await Eventually.HoldsAsync(async () => await Queue.CountAsync(Cancelled) == 0, () => "The queue is not drained.");
        await StopAsync(last, "TERM", expected: 0);
        var done = (await File.ReadAllLinesAsync(LogFile, Cancelled)).Where(line => line.StartsWith("end", StringComparison.Ordinal)).Distinct();
        Assert.Equal(40, done.Count());
    }

    [Fact]
    public async Task A_timer_whose_host_was_killed_in_the_middle_runs_again_at_the_next_start_and_only_then()
    {
        // Due two days ago, as a host that was down since then finds it.
        var missed = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-2).AddHours(3);
        Directory.CreateDirectory(Path.Combine(folder.Path, "timers"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "timers", "Tick.json"),
            $$"""{"Last":"{{missed.AddDays(-1):O}}","Next":"{{missed:O}}","LastUpdated":"{{missed.AddDays(-1):O}}"}""", Cancelled);
        await File.WriteAllTextAsync(Hold, "", Cancelled);
        var first = Start();
        await LoggedAsync("tick late");
        first.Kill(entireProcessTree: true);
        await first.WaitForExitAsync(Cancelled);

        File.Delete(Hold);
        var second = Start();
        await LoggedAsync("tock");
        await StopAsync(second, "INT", expected: 0);

        var third = Start();
        await up.Task;
        await StopAsync(third, "INT", expected: 0);
        Assert.Equal(["tick late", "tick late", "tock"], await File.ReadAllLinesAsync(LogFile, Cancelled));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_cancels_the_function_gives_its_message_back_and_ends_with_0(string signal)
    {
        await File.WriteAllTextAsync(Hold, "", Cancelled);
        await SendAsync("a");
        var host = Start();
        await LoggedAsync("start a 1");
        await StopAsync(host, signal, expected: 0);
        Assert.Equal("a", (await Queue.PeekAsync(1, Cancelled)).Single().Text);
    }

    [Fact]
    public async Task A_second_signal_ends_at_once_with_130_but_not_one_key_that_came_by_two_ways()
    {
        await File.WriteAllTextAsync(Hold, "", Cancelled);
        await SendAsync("a");
        var host = Start(("SAMPLE_DEAF", "1"));
        await LoggedAsync("start a 1");
        Signal(host, "INT");
        Signal(host, "TERM");
        await Task.Delay(1000, Cancelled);
        Assert.False(host.HasExited);
        await StopAsync(host, "INT", expected: 130);
    }

    [Theory]
    [InlineData(3, "Without keys this host listens on loopback only", "--urls", "http://0.0.0.0:0")]
    [InlineData(2, "is not a port", "--port", "x")]
    [InlineData(2, "a command goes to the program beside it: deepsight list --json", "list", "--json")]
    [InlineData(2, "takes no argument 'list'", "--port", "0", "--urls=", "list")]
    public async Task A_start_that_is_refused_says_why_and_has_an_exit_code(int code, string message, params string[] arguments)
    {
        var host = Start(arguments);
        var error = await host.StandardError.ReadToEndAsync(Cancelled);
        await host.WaitForExitAsync(Cancelled);
        Assert.Equal(code, host.ExitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_ends_with_1()
    {
        using var other = new TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var host = Start(["--port", $"{((System.Net.IPEndPoint)other.LocalEndpoint).Port}"]);
        var error = await host.StandardError.ReadToEndAsync(Cancelled);
        await host.WaitForExitAsync(Cancelled);
        Assert.Equal(1, host.ExitCode);
        Assert.Contains("address already in use", error, StringComparison.Ordinal);
    }

    private Task<string> SendAsync(string text) => Queue.SendAsync(text, MessageText.DefaultTimeToLive, Cancelled);

    private Process Start(params (string Name, string Value)[] settings) => Start(["--port", "0"], settings);

    private Process Start(string[] arguments, params (string Name, string Value)[] settings)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "DeepSight.LocalHost.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (string, string)[] own =
            [("DEEPSIGHT_STATE_DIR", folder.Path), ("SAMPLE_LOG", LogFile), ("SAMPLE_HOLD", Hold), ("LocalHost__MessageVisibility", "00:00:02"), ("DEEPSIGHT_APP", Path.Combine(AppContext.BaseDirectory, "DeepSight.SampleHost.dll")), ("AzureWebJobsStorage", "")];
        foreach (var (name, value) in own.Concat(settings)) start.Environment[name] = value;

        var process = Process.Start(start)!;
        var table = up = new TaskCompletionSource();
        process.OutputDataReceived += (_, line) =>
        {
            // The table is printed when everything runs, the handlers of signals included.
            if (line.Data?.Contains("local host", StringComparison.Ordinal) == true) table.TrySetResult();
        };
        process.BeginOutputReadLine();
        started.Add(process);
        return process;
    }

    private int Ends() => File.Exists(LogFile) ? File.ReadAllLines(LogFile).Count(line => line.StartsWith("end", StringComparison.Ordinal)) : 0;

    private Task LoggedAsync(string line) => Eventually.HoldsAsync(
        async () => File.Exists(LogFile) && (await File.ReadAllLinesAsync(LogFile, Cancelled)).Contains(line), () => $"'{line}' was not logged.");

    private static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static async Task StopAsync(Process process, string signal, int expected)
    {
        Signal(process, signal);
        await process.WaitForExitAsync(Cancelled);
        Assert.Equal(expected, process.ExitCode);
    }
}
