using DeepSight.Core;
using DeepSight.Core.Health;
using DeepSight.Core.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace DeepSight.Functions;

/// <summary>Answers monitors: 200 while there is a backup to rely on, else 503 with the reasons.</summary>
public sealed class Freshness(FreshnessCheck check, IConfiguration configuration, TimeProvider clock)
{
    private IMessageQueues? queues;

    [Function("Freshness")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/backup")] HttpRequest request, CancellationToken cancellationToken)
    {
        var report = await check.RunAsync(Queues(), cancellationToken);
        return Results.Json(report, Json.Compact, statusCode: report.IsFresh ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Null where the storage's connection is wrong: the host says so, and no backup is older for it.</summary>
    private IMessageQueues? Queues()
    {
        try
        {
            return queues ??= MessageQueues.FromSettings(name => configuration[name], clock);
        }
        catch (DeepSightException)
        {
            return null;
        }
    }
}
