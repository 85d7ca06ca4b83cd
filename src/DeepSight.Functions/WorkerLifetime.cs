using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace DeepSight.Functions;

/// <summary>
/// Under the local host: ends when the host says so or is gone (its pipe closes), and at no signal. Ctrl-C and systemd's SIGTERM reach
/// the worker as well as the host, and a worker that stops at once lets its functions go.
/// </summary>
internal sealed class WorkerLifetime(IHostApplicationLifetime lifetime) : IHostLifetime, IDisposable
{
    /// <summary>Long enough to cancel a job; the host is gone by then, and nobody waits for this process.</summary>
    private static readonly TimeSpan Orphaned = TimeSpan.FromSeconds(1.6);

    private readonly List<PosixSignalRegistration> signals = [];

    /// <summary>The local host sets it.</summary>
    public static bool IsAskedFor => Environment.GetEnvironmentVariable("DEEPSIGHT_ENDS_WITH_STDIN") is not null;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        // A group of its own, for the host to end with all that this process started, should it die.
        if (!OperatingSystem.IsWindows()) _ = SetProcessGroup(0, 0);
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP })
            signals.Add(PosixSignalRegistration.Create(signal, context => context.Cancel = true));
        new Thread(EndWithHost) { IsBackground = true }.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => signals.ForEach(signal => signal.Dispose());

    private void EndWithHost()
    {
        using var pipe = Console.OpenStandardInput();
        while (pipe.ReadByte() >= 0)
        {
            // Nothing is said on it.
        }

        lifetime.StopApplication();
        Thread.Sleep(Orphaned);
        Environment.Exit(1);
    }

    [DllImport("libc", EntryPoint = "setpgid")]
    private static extern int SetProcessGroup(int processId, int group);
}
