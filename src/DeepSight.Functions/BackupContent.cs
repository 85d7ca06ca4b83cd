using DeepSight.Core;
using DeepSight.Core.Catalog;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>One backup: what it holds, table by table (<c>GET</c>), and whether retention may delete it (<c>pin</c>).</summary>
public sealed class BackupContent(BackupStores stores)
{
    [Function("BackupContents")]
    public Task<IResult> ReadAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "backups/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        Problems.CatchAsync(async () => Results.Json(await BackupContents.ReadAsync(stores, name, cancellationToken), Json.Compact));

    /// <summary><c>POST</c> pins, <c>DELETE</c> unpins.</summary>
    [Function("Pin")]
    public Task<IResult> PinAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", "delete", Route = "backups/{name}/pin")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        Problems.CatchAsync(async () => Origins.Refusal(request)
            ?? Results.Json(await stores.PinAsync(name, HttpMethods.IsPost(request.Method), cancellationToken), Json.Compact));
}
