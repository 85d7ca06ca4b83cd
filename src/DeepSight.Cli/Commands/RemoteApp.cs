using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using DeepSight.Core;
using DeepSight.Core.Restore.Requests;

namespace DeepSight.Cli.Commands;

/// <summary>A functions app somewhere else, spoken to by HTTP.</summary>
internal sealed class RemoteApp : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly Uri address;

    /// <param name="key">Null where the app asks for none.</param>
    /// <exception cref="DeepSightException">The address is none, or the key would travel for everyone to read.</exception>
    public RemoteApp(string url, string? key)
    {
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
            throw new DeepSightException(FailureKind.InvalidInput, $"'{url}' is not the address of an app.", "for example https://NAME.azurewebsites.net.");
        if (key is not null && parsed.Scheme == Uri.UriSchemeHttp && !parsed.IsLoopback)
            throw new DeepSightException(FailureKind.Refused, $"'{url}' is not encrypted: the key could be read on the way.", "use https.");

        address = parsed;
        if (key is not null) http.DefaultRequestHeaders.Add("x-functions-key", key);
    }

    public void Dispose() => http.Dispose();

    /// <returns>The message that was put on the queue, and where its run will be seen.</returns>
    /// <exception cref="DeepSightException">The app said no, in its own words; or it could not be asked.</exception>
    public async Task<(JsonElement Message, Uri? Location)> RequestRestoreAsync(RestoreOrder order, CancellationToken cancellationToken)
    {
        var target = new Uri(address, "api/restores");
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(Json.ToLine(order)));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await AskAsync(target, async () =>
        {
            using var response = await http.PostAsync(target, body, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.StatusCode == HttpStatusCode.Accepted
                ? (JsonDocument.Parse(text).RootElement, response.Headers.Location is { } location ? new Uri(target, location) : null)
                : throw Refusal(response.StatusCode, text);
        }, cancellationToken);
    }

    /// <param name="about"><c>db</c> or <c>backup</c>.</param>
    /// <returns>What <c>GET /api/health/…</c> answers, and whether it is good news.</returns>
    /// <exception cref="DeepSightException">It could not be asked, or that is no app of ours.</exception>
    public Task<(JsonElement Report, bool IsHealthy)> HealthAsync(string about, CancellationToken cancellationToken)
    {
        var target = new Uri(address, $"api/health/{about}");
        return AskAsync(target, async () =>
        {
            using var response = await http.GetAsync(target, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable && JsonDocument.Parse(text).RootElement is { ValueKind: JsonValueKind.Object } report
                ? (report, response.StatusCode == HttpStatusCode.OK)
                : throw new JsonException($"it says {(int)response.StatusCode}.");
        }, cancellationToken);
    }

    private static async Task<T> AskAsync<T>(Uri target, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DeepSightException(FailureKind.Failed, $"{target} gave no answer that can be used: {e.Message}", "is this the app's address, and is it running?", e);
        }
    }

    private static DeepSightException Refusal(HttpStatusCode status, string text)
    {
        var (detail, hint) = Problem(text);
        return status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new DeepSightException(FailureKind.Failed,
                "The app does not accept the key.", "set DEEPSIGHT_FUNCTION_KEY to its function key, or give it with --key."),
            HttpStatusCode.NotFound => new DeepSightException(FailureKind.Failed, "The app has no function that takes restore requests.", "is this the app's address?"),
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError when detail is not null => new DeepSightException(FailureKind.InvalidInput, detail, hint),
            _ => new DeepSightException(FailureKind.Failed, detail ?? $"The app answered {(int)status}.", hint ?? "its log says more."),
        };
    }

    /// <summary>Of problem details (RFC 9457).</summary>
    private static (string? Detail, string? Hint) Problem(string text)
    {
        try
        {
            var root = JsonDocument.Parse(text).RootElement;
            return (Member(root, "detail"), Member(root, "hint"));
        }
        catch (JsonException)
        {
            // A proxy's page, or nothing at all: the status has to do.
            return (null, null);
        }
    }

    private static string? Member(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
