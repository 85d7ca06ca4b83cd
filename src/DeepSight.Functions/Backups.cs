using System.Globalization;
using DeepSight.Core;
using DeepSight.Core.Catalog;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Lists the backups, newest first, as <c>deepsight list --json</c> does; <c>?limit=</c> says how many.</summary>
public sealed class Backups(BackupStores stores)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 1000;

    [Function("Backups")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "backups")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (Limit(request) is not { } limit)
            return Problems.Of(StatusCodes.Status400BadRequest, $"limit must be a whole number from 1 to {MaxLimit}.", null);

        var (backups, failures) = await stores.ListAsync(cancellationToken);
        if (backups.Count == 0 && failures is [var failure, ..])
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, failure.Message, failure.Hint);

        var details = await BackupDetails.ReadAsync([.. backups.Take(limit)], cancellationToken);
        return Results.Json(new BackupPage(details, backups.Count, [.. failures.Select(failed => failed.Message)]), Json.Compact);
    }

    private static int? Limit(HttpRequest request) => request.Query["limit"].ToString() is not { Length: > 0 } text ? DefaultLimit
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit ? limit
        : null;
}
