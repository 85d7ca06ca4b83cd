using DeepSight.Core;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Timers;

/// <summary>Where timers keep their status, and the claim that keeps them to one host. Failures are <see cref="DeepSightException"/>s.</summary>
internal interface ITimerStore
{
    /// <summary>For people.</summary>
    string Location { get; }

    /// <summary>The timer's status, or null when it has none, or none that can be read.</summary>
    Task<ScheduleStatus?> ReadAsync(string function, CancellationToken cancellationToken);

    Task WriteAsync(string function, ScheduleStatus status, CancellationToken cancellationToken);

    /// <summary>Claims the timer for this host, or returns null while another one has it. Disposing gives it up.</summary>
    Task<ITimerLease?> TryLeaseAsync(string function, CancellationToken cancellationToken);
}
