using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using DeepSight.Core;
using DeepSight.Core.Queues;

namespace DeepSight.Cli.Commands;

/// <summary><c>deepsight up</c>: runs the functions app here, as a process of its own, until it is told to stop.</summary>
internal static class HostUpCommand
{
    private const string App = "DeepSight.LocalHost.dll";

    private static readonly Option<string?> Port = new("--port") { Description = "Listen on this port of 127.0.0.1; 0 takes a free one. Default: 7071.", HelpName = "number" };
    private static readonly Option<bool> WithAzurite = new("--azurite") { Description = "Keep queues and timers in Azurite, the emulator of Azure Storage; needs node." };

    public static Command Define() => CommandContext.Command("up",
        "Run the functions here: timers, queues and HTTP. Ctrl-C cancels what runs, waits for it and stops.", RunAsync, Port, WithAzurite);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var app = new ProcessStartInfo("dotnet", [FindApp()]);
        if (context.Parsed.GetValue(Port) is { } port) app.ArgumentList.Add($"--port={port}");
        // The app looks for its settings file in its working folder, and the command's other verbs for the queues in this one.
        if (context.SettingsFile is { } settings) app.WorkingDirectory = Path.GetDirectoryName(settings);
        if (context.Setting(LocalState.Setting) is { } state) app.Environment[LocalState.Setting] = state;

        await using var azurite = context.Parsed.GetValue(WithAzurite) ? await LocalAzurite.StartAsync(context, cancellationToken) : null;
        if (azurite is not null) app.Environment[StorageConnection.Default] = azurite.ConnectionString;
        return await RunAsync(app, cancellationToken);
    }

    /// <summary>The first signal is passed on, and the app's own end is waited for; a second one ends both at once.</summary>
    private static async Task<int> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var app = Process.Start(start)!;
        await using var stop = cancellationToken.Register(() => Signal(app));
        await app.WaitForExitAsync(CancellationToken.None);
        return app.ExitCode;
    }

    /// <summary>From a terminal the app had it already; the host takes both for one.</summary>
    private static void Signal(Process app)
    {
        const int terminate = 15;
        if (!app.HasExited) _ = Kill(app.Id, terminate);
    }

    /// <summary>Beside the command where both were published together; else where the launcher builds it.</summary>
    private static string FindApp() =>
        new[]
        {
            AppContext.BaseDirectory,
            Path.Combine(Environment.GetEnvironmentVariable("DEEPSIGHT_HOME") ?? ".", "artifacts", "bin", "DeepSight.LocalHost", "release"),
        }
            .Select(folder => Path.Combine(folder, App))
            .FirstOrDefault(File.Exists)
        ?? throw new DeepSightException(FailureKind.Failed, $"There is no {App} here.", "run it as ./deepsight up, which builds it.");

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int processId, int signal);
}
