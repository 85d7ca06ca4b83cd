using System.Text;
using DeepSight.Core;
using DeepSight.Core.Queues;
using Microsoft.AspNetCore.Http;

namespace DeepSight.Functions;

/// <summary>From a request over HTTP to a message on a queue, and the answer that says where its run will be seen.</summary>
public sealed class RequestQueue(DeepSightSettings settings, AppQueues queues)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>202 once the message is on its queue; else what is wrong.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="compose">Makes the message's text and the id of its run out of the body.</param>
    public async Task<IResult> PutAsync(HttpRequest request, string queue, Func<string, Task<(string Text, string Id)>> compose, CancellationToken cancellationToken)
    {
        if (Origins.Refusal(request) is { } refusal) return refusal;
        if (settings.Errors.Count > 0)
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, string.Join(" ", settings.Errors), null);
        if (await ReadAsync(request, cancellationToken) is not { } body)
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, $"The request has more than the {MessageText.MaxBytes:N0} bytes that a queue takes.", null);

        try
        {
            var (text, id) = await compose(body);
            await SendAsync(queue, text, cancellationToken);
            return Accepted(request, text, id);
        }
        catch (DeepSightException e)
        {
            return Problems.Of(e);
        }
    }

    /// <summary>By ourselves and before the answer: an output binding is done after it, and a 202 could then be a lie.</summary>
    private async Task SendAsync(string queue, string text, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await queues.Open().Open(queue).SendAsync(text, MessageText.DefaultTimeToLive, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeepSightException(FailureKind.Failed, $"The queue did not take the request within {Patience.TotalSeconds:0} s.",
                "nothing was asked for; try again when the storage answers.", e);
        }
    }

    private static IResult Accepted(HttpRequest request, string text, string id)
    {
        // Beside this function, whatever host.json's route prefix is.
        var path = request.Path.Value!;
        request.HttpContext.Response.Headers.Location = $"{request.PathBase}{path[..path.LastIndexOf('/')]}/runs/{id}";
        return Results.Text(text, "application/json", Encoding.UTF8, StatusCodes.Status202Accepted);
    }

    /// <summary>Null when it is more than a queue takes; what isn't UTF-8 becomes what no field may hold.</summary>
    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[MessageText.MaxBytes + 1];
        var count = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return count == buffer.Length ? null : Encoding.UTF8.GetString(buffer, 0, count);
    }
}
