using DeepSight.Core.Restore.Requests;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Restores what a message asks for. Whatever can't be done is recorded; only an interrupted host lets the message come back.</summary>
public sealed class Restore(RestoreMessageHandler handler, RunningJobs jobs, TimeProvider clock)
{
    [Function("Restore")]
    public Task RunAsync([QueueTrigger(RestoreMessage.Queue)] string message, FunctionContext context, CancellationToken cancellationToken) =>
        jobs.RunAsync(stopping => handler.HandleAsync(message, QueueTime.SentAt(context, clock), stopping), cancellationToken);
}
