using DeepSight.Core;
using DeepSight.Core.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace DeepSight.Functions;

/// <summary>What the dashboard shows first: verdict, schedules, queues, stores and the days of the last year.</summary>
public sealed class Overviews(DeepSightSettings settings, OverviewCheck check, AppQueues queues, IConfiguration configuration)
{
    [Function("Overview")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "overview")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (settings.Errors.Count > 0) return Problems.Of(StatusCodes.Status503ServiceUnavailable, string.Join(" ", settings.Errors), null);

        return Results.Json(await check.RunAsync(queues.TryOpen(), configuration.IsOff, cancellationToken), Json.Compact);
    }
}
