using DeepSight.Core;
using DeepSight.Core.Health;
using DeepSight.Core.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Messages that failed as often as they may: <c>GET poison</c> shows them, <c>POST poison/{id}</c> puts one back on its queue, <c>DELETE</c> discards it.</summary>
public sealed class Poison(AppQueues queues)
{
    [Function("Poison")]
    public Task<IResult> ListAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "poison")] HttpRequest request, CancellationToken cancellationToken) =>
        Problems.CatchAsync(async () => Results.Json(await Open().ListAsync(cancellationToken), Json.Compact));

    [Function("SettlePoison")]
    public Task<IResult> SettleAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", "delete", Route = "poison/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        Problems.CatchAsync(async () => Origins.Refusal(request) ?? (await Open().SettleAsync(id, requeue: HttpMethods.IsPost(request.Method), cancellationToken)
            ? Results.NoContent()
            : throw new DeepSightException(FailureKind.NothingToDo, "There is no such message in a poison queue.", "was it settled meanwhile? GET poison shows those that there are.")));

    private PoisonMessages Open() => new(queues.Open(), OverviewCheck.Queues);
}
