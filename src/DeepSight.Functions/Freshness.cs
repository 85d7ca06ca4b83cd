using DeepSight.Core;
using DeepSight.Core.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Answers monitors: 200 while there is a backup to rely on, else 503 with the reasons.</summary>
public sealed class Freshness(FreshnessCheck check, AppQueues queues)
{
    [Function("Freshness")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/backup")] HttpRequest request, CancellationToken cancellationToken)
    {
        var report = await check.RunAsync(queues.TryOpen(), cancellationToken);
        return Results.Json(report, Json.Compact, statusCode: report.IsFresh ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
