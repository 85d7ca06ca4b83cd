using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Timers;

/// <summary>A status as the real host writes it: <c>{"Last":…,"Next":…,"LastUpdated":…}</c>, ISO 8601, UTC.</summary>
internal static class TimerStatusJson
{
    public static byte[] Write(ScheduleStatus status) => JsonSerializer.SerializeToUtf8Bytes(status);

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
