using DeepSight.Core;
using DeepSight.Core.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace DeepSight.Functions;

/// <summary>The state of backups, jobs, stores and the database for Prometheus, as OpenMetrics text.</summary>
public sealed class Metrics(DeepSightSettings settings, MetricsCheck check, AppQueues queues, IConfiguration configuration)
{
    private const string OpenMetrics = "application/openmetrics-text";

    [Function("Metrics")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "metrics")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (settings.Errors.Count > 0) return Problems.Of(StatusCodes.Status503ServiceUnavailable, string.Join(" ", settings.Errors), null);

        var text = await check.RunAsync(queues.TryOpen(), configuration.IsOff, cancellationToken);
        // A browser asks for text/html: the older format, which it shows, is the same text.
        var accepted = request.Headers.Accept.ToString();
        var isOld = accepted.Contains("text/", StringComparison.Ordinal) && !accepted.Contains(OpenMetrics, StringComparison.Ordinal);
        return Results.Text(text, isOld ? "text/plain; version=0.0.4; charset=utf-8" : $"{OpenMetrics}; version=1.0.0; charset=utf-8");
    }
}
