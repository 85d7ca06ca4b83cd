using Microsoft.Extensions.Hosting;

namespace DeepSight.LocalHost.Hosting;

/// <summary>Ends the host because going on would do harm; the process then ends with exit code 1, for its supervisor to start it anew.</summary>
internal sealed class FailureStop(IHostApplicationLifetime lifetime)
{
    /// <summary>Why, or null while all is well.</summary>
    public string? Reason { get; private set; }

    public void Because(string reason)
    {
        Reason ??= reason;
        lifetime.StopApplication();
    }
}
