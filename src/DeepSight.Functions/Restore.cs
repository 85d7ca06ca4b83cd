using DeepSight.Core.Restore.Requests;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Restores what a message asks for. Whatever can't be done is recorded; only an interrupted host lets the message come back.</summary>
public sealed class Restore(RestoreMessageHandler handler, RunningJobs jobs, TimeProvider clock)
{
    [Function("Restore")]
    public Task RunAsync([QueueTrigger(RestoreMessage.Queue)] string message, FunctionContext context, CancellationToken cancellationToken) =>
        jobs.RunAsync(stopping => handler.HandleAsync(message, SentAt(context), stopping), cancellationToken);

    private DateTimeOffset SentAt(FunctionContext context) =>
        context.BindingContext.BindingData.TryGetValue("InsertionTime", out var value)
        && DateTimeOffset.TryParse(value?.ToString()?.Trim('"'), System.Globalization.CultureInfo.InvariantCulture, out var sent)
            ? sent
            : clock.GetUtcNow();
}
