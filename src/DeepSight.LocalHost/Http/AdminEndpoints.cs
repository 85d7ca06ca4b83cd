using System.Text.Json;
using DeepSight.LocalHost.Hosting;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Timers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Http;

/// <summary>The part of the real host's <c>/admin</c> that operators use. Needs the master key when keys are in use.</summary>
internal sealed class AdminEndpoints(FunctionApp app, ManualRuns runs, KeyRing keys, AppSettings settings, TimeProvider clock)
{
    private readonly long started = clock.GetTimestamp();

    public void Map(IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/admin").AddEndpointFilter((invocation, next) =>
            keys.Admits(invocation.HttpContext.Request, AuthorizationLevel.Admin) ? next(invocation) : ValueTask.FromResult<object?>(TypedResults.Unauthorized()));
        admin.MapGet("/host/status", Status);
        admin.MapPost("/functions/{name}", RunAsync);
    }

    private JsonHttpResult<HostStatus> Status()
    {
        var errors = app.Functions.Where(entry => entry.Problem is not null).Select(entry => $"{entry.Function.Name}: {entry.Problem}").ToList();
        return TypedResults.Json(new HostStatus(
            TimerStores.HostId(settings), "Running", typeof(AdminEndpoints).Assembly.GetName().Version?.ToString(3) ?? "", "DeepSight.LocalHost",
            (long)clock.GetElapsedTime(started).TotalMilliseconds, errors.Count > 0 ? errors : null));
    }

    /// <summary>202 once the run has been started; its end is in the log.</summary>
    private async Task<IResult> RunAsync(string name, HttpRequest request)
    {
        var entry = app.Functions.FirstOrDefault(entry => entry.Function.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (entry is null) return TypedResults.NotFound();
        if (entry.Problem is not null) return TypedResults.Problem($"{entry.Function.Name} is in error: {entry.Problem}", statusCode: StatusCodes.Status404NotFound);
        if (entry.Function.Trigger is HttpTriggerAttribute) return TypedResults.Problem("An HTTP function is run by its URL.", statusCode: StatusCodes.Status400BadRequest);
        // A type that no plain form of a foreign page can send.
        if (!request.HasJsonContentType()) return TypedResults.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        if (await InputAsync(request) is not { } input)
            return TypedResults.Problem("""The body must be a JSON object, such as {"input": "text of a queue message"} or {}.""", statusCode: StatusCodes.Status400BadRequest);

        runs.Start(entry.Function, input);
        return TypedResults.Accepted((string?)null);
    }

    /// <summary>The text of <c>input</c>; other JSON as it is written; empty when there is none; null when the body isn't a JSON object.</summary>
    private static async Task<string?> InputAsync(HttpRequest request)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
            if (body.RootElement.ValueKind != JsonValueKind.Object) return null;

            return !body.RootElement.TryGetProperty("input", out var input) || input.ValueKind == JsonValueKind.Null ? ""
                : input.ValueKind == JsonValueKind.String ? input.GetString()
                : input.GetRawText();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
