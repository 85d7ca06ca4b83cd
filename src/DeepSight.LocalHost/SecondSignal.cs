using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace DeepSight.LocalHost;

/// <summary>The first Ctrl-C or SIGTERM stops the host in good order; a second one ends the process at once, with exit code 130.</summary>
internal sealed class SecondSignal : IHostedService, IDisposable
{
    private const int Cancelled = 130;

    /// <summary>A terminal sends Ctrl-C to the whole group, and a parent (up, npm, a supervisor) may pass it on: one key, two signals.</summary>
    private const int SameSignalMilliseconds = 500;

    private readonly List<PosixSignalRegistration> registrations = [];
    private long? firstAt;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT })
            registrations.Add(PosixSignalRegistration.Create(signal, EndWhenStopping));

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => registrations.ForEach(registration => registration.Dispose());

    private void EndWhenStopping(PosixSignalContext context)
    {
        firstAt ??= Environment.TickCount64;
        if (Environment.TickCount64 - firstAt > SameSignalMilliseconds) Environment.Exit(Cancelled);
    }
}
