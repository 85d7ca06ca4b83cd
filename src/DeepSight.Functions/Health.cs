using DeepSight.Core;
using DeepSight.Core.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Answers probes: 200 when the database answers, 503 when it does not or the settings are wrong.</summary>
public sealed class Health(HealthCheck check)
{
    [Function("Health")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/db")] HttpRequest request, CancellationToken cancellationToken)
    {
        var report = await check.RunAsync(cancellationToken);
        return Results.Json(report, Json.Compact, statusCode: report.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
