using System.Text.Json;
using DeepSight.Core;

namespace DeepSight.LocalHost.Timers;

/// <summary>Where timers keep their status, and the claim that keeps them to one host. Failures are <see cref="DeepSightException"/>s.</summary>
internal interface ITimerStore
{
    /// <summary>For people.</summary>
    string Location { get; }

    /// <summary>What kept the last status from being written or a lock from being taken; null when nothing did.</summary>
    string? Problem => null;

    /// <summary>The timer's status, or null when it has none, or none that can be read.</summary>
    Task<ScheduleStatus?> ReadAsync(string function, CancellationToken cancellationToken);

    Task WriteAsync(string function, ScheduleStatus status, CancellationToken cancellationToken);

    /// <summary>Claims the timer for this host, or returns null while another one has it. Disposing gives it up.</summary>
    Task<ITimerLease?> TryLeaseAsync(string function, CancellationToken cancellationToken);
}

/// <summary>A host's claim on a timer.</summary>
internal interface ITimerLease : IAsyncDisposable
{
    /// <summary>Starts the claim's time anew; false when it is lost to another host.</summary>
    Task<bool> RenewAsync(CancellationToken cancellationToken);
}

/// <summary>When a timer ran last and when it is due, in UTC, as the real host keeps it and hands it to functions.</summary>
internal sealed record ScheduleStatus
{
    public DateTime Last { get; init; }

    public DateTime Next { get; init; }

    public DateTime LastUpdated { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Null for what isn't a status: the timer then starts as new, and a missed run isn't known of.</summary>
    public static ScheduleStatus? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<ScheduleStatus>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
