using DeepSight.Core.Requests;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Does what <see cref="RequestJob"/> put on the queue. Whatever can't be done is recorded; only an interrupted host lets the message come back.</summary>
public sealed class RequestedJob(JobMessageHandler handler, RunningJobs jobs, TimeProvider clock)
{
    [Function("RequestedJob")]
    public Task RunAsync([QueueTrigger(JobMessage.Queue)] string message, FunctionContext context, CancellationToken cancellationToken) =>
        jobs.RunAsync(stopping => handler.HandleAsync(message, QueueTime.SentAt(context, clock), stopping), cancellationToken);
}
