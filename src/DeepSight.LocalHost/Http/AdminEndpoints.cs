using System.Text.Json;
using System.Text.Json.Serialization;
using DeepSight.LocalHost.Settings;
using DeepSight.LocalHost.Timers;
using DeepSight.LocalHost.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeepSight.LocalHost.Http;

/// <summary>The part of the real host's <c>/admin</c> that operators use. Needs the master key when keys are in use.</summary>
internal sealed class AdminEndpoints(ManualRuns runs, KeyRing keys, AppSettings settings, ITimerStore timers, TimeProvider clock)
{
    private readonly long started = clock.GetTimestamp();

    public void Map(IEndpointRouteBuilder routes, IReadOnlyList<FunctionEntry> functions)
    {
        var admin = routes.MapGroup("/admin").AddEndpointFilter(async (invocation, next) =>
            keys.Admits(invocation.HttpContext.Request, AccessLevel.Admin) ? await next(invocation) : Refuse(invocation.HttpContext));
        admin.MapGet("/host/status", () => Status(functions));
        admin.MapMethods("/host/ping", ["GET", "POST"], () => Results.Ok());
        admin.MapGet("/functions", () => Results.Json(functions.Select(Describe)));
        admin.MapGet("/functions/{name}", (string name) => Find(functions, name) is { } entry ? Results.Json(Describe(entry)) : Results.NotFound());
        admin.MapGet("/functions/{name}/status", (string name) => Find(functions, name) is { } entry
            ? Results.Json(new { errors = entry.Problem is null ? null : new[] { entry.Problem } })
            : Results.NotFound());
        admin.MapPost("/functions/{name}", (string name, HttpRequest request) => RunAsync(Find(functions, name), request));
    }

    /// <summary>As on the real host: a key that is one, but not the master key, is forbidden (403).</summary>
    private IResult Refuse(HttpContext context)
    {
        if (keys.Admits(context.Request, AccessLevel.Function)) return Results.StatusCode(StatusCodes.Status403Forbidden);

        RequestGuards.AskForKey(context);
        return Results.Unauthorized();
    }

    private static FunctionEntry? Find(IEnumerable<FunctionEntry> functions, string name) =>
        functions.FirstOrDefault(entry => entry.Function.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static object Describe(FunctionEntry entry) =>
        new { name = entry.Function.Name, isDisabled = entry.IsDisabled, config = new { bindings = new[] { entry.Function.Trigger } } };

    private IResult Status(IEnumerable<FunctionEntry> functions)
    {
        var errors = functions.Where(entry => entry.Problem is not null).Select(entry => $"{entry.Function.Name}: {entry.Problem}").ToList();
        if (timers.Problem is { } problem) errors.Add(problem);
        return Results.Json(new HostStatus(
            TimerStores.HostId(settings), "Running", typeof(AdminEndpoints).Assembly.GetName().Version?.ToString(3) ?? "", "DeepSight.LocalHost",
            (long)clock.GetElapsedTime(started).TotalMilliseconds, errors.Count > 0 ? errors : null));
    }

    /// <summary>202 once the run has been started; its end is in the log.</summary>
    private async Task<IResult> RunAsync(FunctionEntry? entry, HttpRequest request)
    {
        if (entry is null) return Results.NotFound();
        if (entry.Problem is not null) return Results.Problem($"{entry.Function.Name} is in error: {entry.Problem}", statusCode: StatusCodes.Status404NotFound);
        if (entry.Function.Kind == TriggerKind.Http) return Results.Problem("An HTTP function is run by its URL.", statusCode: StatusCodes.Status400BadRequest);
        // A type that no plain form of a foreign page can send.
        if (!request.HasJsonContentType()) return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        if (await InputAsync(request) is not { } input) return Results.StatusCode(StatusCodes.Status400BadRequest);

        runs.Start(entry.Function, input);
        return Results.Accepted();
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
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter for half a surrogate pair, which is JSON but no text.
            return null;
        }
    }

    /// <summary>The answer of <c>/admin/host/status</c>, in the real host's words.</summary>
    /// <param name="ProcessUptime">Milliseconds.</param>
    /// <param name="Errors">The functions in error and why, and state that can't be written; left out when there are none.</param>
    private sealed record HostStatus(
        string Id,
        string State,
        string Version,
        string VersionDetails,
        long ProcessUptime,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Errors);
}
