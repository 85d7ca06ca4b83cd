using DeepSight.Core.Requests;
using DeepSight.Core.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Puts a request for a backup, a verification or an undo on the queue, and answers as <see cref="RequestRestore"/> does.</summary>
public sealed class RequestJob(JobRequests requests, RequestQueue queue)
{
    [Function("RequestBackup")]
    public Task<IResult> BackUpAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "backups")] HttpRequest request, CancellationToken cancellationToken) =>
        PutAsync(request, JobNames.Backup, cancellationToken);

    [Function("RequestVerification")]
    public Task<IResult> VerifyAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "verifications")] HttpRequest request, CancellationToken cancellationToken) =>
        PutAsync(request, JobNames.Verify, cancellationToken);

    [Function("RequestUndo")]
    public Task<IResult> UndoAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "undos")] HttpRequest request, CancellationToken cancellationToken) =>
        PutAsync(request, JobNames.Undo, cancellationToken);

    private Task<IResult> PutAsync(HttpRequest request, string job, CancellationToken cancellationToken) =>
        queue.PutAsync(request, JobMessage.Queue, async body =>
        {
            var message = await requests.ComposeAsync(job, body, cancellationToken);
            return (message.ToJson(), message.RequestId);
        }, cancellationToken);
}
