using DeepSight.Core.Restore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Puts a restore request on the queue: 202 and where its run will be seen, 400 and what is wrong with it, or 503 where the queue is out of reach.</summary>
public sealed class RequestRestore(RestoreRequests requests, RequestQueue queue)
{
    [Function("RequestRestore")]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "restores")] HttpRequest request, CancellationToken cancellationToken) =>
        queue.PutAsync(request, RestoreMessage.Queue, async body =>
        {
            var order = requests.ReadOrder(body);
            var message = await requests.ComposeAsync(order with { RequestedBy = order.RequestedBy ?? "http" }, cancellationToken);
            return (message.ToJson(), message.RequestId);
        }, cancellationToken);
}
