using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>When a message was put on its queue.</summary>
internal static class QueueTime
{
    /// <summary>Now, where the host doesn't say.</summary>
    public static DateTimeOffset SentAt(FunctionContext context, TimeProvider clock) =>
        context.BindingContext.BindingData.TryGetValue("InsertionTime", out var value)
        && DateTimeOffset.TryParse(value?.ToString()?.Trim('"'), CultureInfo.InvariantCulture, out var sent)
            ? sent
            : clock.GetUtcNow();
}
