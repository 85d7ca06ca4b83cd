using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>What the jobs did: <c>GET runs</c>, newest first (<c>?job=backup&amp;limit=20</c>), and <c>GET runs/{id}</c>.</summary>
public sealed class Runs(DeepSightSettings settings, BackupStores stores, RunHistory history)
{
    private const int Most = 200;

    [Function("Runs")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "runs/{id?}")] HttpRequest request, string? id, CancellationToken cancellationToken)
    {
        if (settings.Errors.Count > 0) return Problems.Of(StatusCodes.Status503ServiceUnavailable, string.Join(" ", settings.Errors), null);

        try
        {
            return id is null
                ? await ListAsync(request.Query["job"], request.Query["limit"], cancellationToken)
                : Results.Json(await history.GetAsync(stores.All, id, cancellationToken), Json.Options);
        }
        catch (DeepSightException e)
        {
            return e.Kind is FailureKind.NothingToDo ? Problems.Of(StatusCodes.Status404NotFound, e.Message, e.Hint) : Problems.Of(e);
        }
    }

    private async Task<IResult> ListAsync(string? job, string? limit, CancellationToken cancellationToken)
    {
        var most = 20;
        if (limit is not null && (!int.TryParse(limit, out most) || most is < 1 or > Most))
            throw new DeepSightException(FailureKind.InvalidInput, $"limit must be a whole number from 1 to {Most}.");

        var (runs, failures) = await history.ListAsync(stores.All, most, name => string.IsNullOrEmpty(job) || name.Job == job, cancellationToken);
        return Results.Json(new RunPage(runs, [.. failures.Select(failure => failure.Message)]), Json.Options);
    }
}
