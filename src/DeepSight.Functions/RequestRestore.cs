using System.Text;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Puts a restore request on the queue: 202 and where its run will be seen, 400 and what is wrong with it, or 503 where the queue is out of reach.</summary>
public sealed class RequestRestore(DeepSightSettings settings, RestoreRequests requests, AppQueues queues)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    [Function("RequestRestore")]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "restores")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (settings.Errors.Count > 0)
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, string.Join(" ", settings.Errors), null);
        if (await ReadAsync(request, cancellationToken) is not { } body)
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, $"The request has more than the {MessageText.MaxBytes:N0} bytes that a queue takes.", null);

        try
        {
            var order = requests.ReadOrder(body);
            var message = await requests.ComposeAsync(order with { RequestedBy = order.RequestedBy ?? "http" }, cancellationToken);
            await SendAsync(message, cancellationToken);
            return Accepted(request, message);
        }
        catch (DeepSightException e)
        {
            return Problems.Of(e);
        }
    }

    /// <summary>By ourselves and before the answer: an output binding is done after it, and a 202 could then be a lie.</summary>
    private async Task SendAsync(RestoreMessage message, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var queue = queues.Open().Open(RestoreMessage.Queue);
            await queue.SendAsync(message.ToJson(), MessageText.DefaultTimeToLive, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeepSightException(FailureKind.Failed, $"The queue did not take the request within {Patience.TotalSeconds:0} s.",
                "nothing was asked for; try again when the storage answers.", e);
        }
    }

    private static IResult Accepted(HttpRequest request, RestoreMessage message)
    {
        // Beside this function, whatever host.json's route prefix is.
        var path = request.Path.Value!;
        request.HttpContext.Response.Headers.Location = $"{request.PathBase}{path[..path.LastIndexOf('/')]}/runs/{message.RequestId}";
        return Results.Text(message.ToJson(), "application/json", Encoding.UTF8, StatusCodes.Status202Accepted);
    }

    /// <summary>Null when it is more than a queue takes; what isn't UTF-8 becomes what no field may hold.</summary>
    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[MessageText.MaxBytes + 1];
        var count = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return count == buffer.Length ? null : Encoding.UTF8.GetString(buffer, 0, count);
    }
}
