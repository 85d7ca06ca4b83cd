using DeepSight.Core;
using DeepSight.Core.Catalog;
using DeepSight.Core.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>What the jobs did: <c>GET runs</c>, newest first (<c>?job=backup&amp;limit=20&amp;offset=0</c>), and <c>GET runs/{id}</c>.</summary>
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
                ? await ListAsync(request, cancellationToken)
                : Results.Json(await history.GetAsync(stores.All, id, cancellationToken), Json.Options);
        }
        catch (DeepSightException e)
        {
            return e.Kind is FailureKind.NothingToDo ? Problems.Of(StatusCodes.Status404NotFound, e.Message, e.Hint) : Problems.Of(e);
        }
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!QueryNumbers.TryRead(request, Most, out var limit, out var offset, out var problem)) return problem;

        var job = request.Query["job"].ToString();
        var (runs, failures) = await history.ListAsync(stores.All, offset, limit, name => job.Length == 0 || name.Job == job, cancellationToken);
        return Results.Json(new RunPage(runs, [.. failures.Select(failure => failure.Message)]), Json.Options);
    }
}
