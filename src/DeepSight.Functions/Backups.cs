using DeepSight.Core;
using DeepSight.Core.Catalog;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Lists the backups, newest first, as <c>deepsight list --json</c> does; <c>?limit=</c> says how many, <c>?offset=</c> from which on.</summary>
public sealed class Backups(BackupStores stores)
{
    private const int MaxLimit = 1000;

    [Function("Backups")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "backups")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (!QueryNumbers.TryRead(request, MaxLimit, out var limit, out var offset, out var problem)) return problem;

        var (backups, failures) = await stores.ListAsync(cancellationToken);
        if (backups.Count == 0 && failures is [var failure, ..])
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, failure.Message, failure.Hint);

        var details = await BackupDetails.ReadAsync([.. backups.Skip(offset).Take(limit)], cancellationToken);
        return Results.Json(new BackupPage(details, backups.Count, [.. failures.Select(failed => failed.Message)]), Json.Compact);
    }
}
