using System.Text;
using DeepSight.Core;
using DeepSight.Core.Queues;
using DeepSight.Core.Restore.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.Functions;

/// <summary>Puts a restore request on the queue: 202 and where its run will be seen, or 400 and what is wrong with it.</summary>
public sealed class RequestRestore(DeepSightSettings settings, RestoreRequests requests)
{
    [Function("RequestRestore")]
    public async Task<Answer> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "restores")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (settings.Errors.Count > 0)
            return new Answer(Problems.Of(StatusCodes.Status503ServiceUnavailable, string.Join(" ", settings.Errors), null));
        if (await ReadAsync(request, cancellationToken) is not { } body)
            return new Answer(Problems.Of(StatusCodes.Status413PayloadTooLarge, $"The request has more than the {MessageText.MaxBytes:N0} bytes that a queue takes.", null));

        try
        {
            var order = requests.ReadOrder(body);
            return Accepted(request, await requests.ComposeAsync(order with { RequestedBy = order.RequestedBy ?? "http" }, cancellationToken));
        }
        catch (DeepSightException e)
        {
            return new Answer(Problems.Of(e));
        }
    }

    /// <summary>What is answered, and what goes to the queue before it is.</summary>
    public sealed class Answer(IResult response, string? message = null)
    {
        [HttpResult]
        public IResult Response { get; } = response;

        [QueueOutput(RestoreMessage.Queue)]
        public string? Message { get; } = message;
    }

    private static Answer Accepted(HttpRequest request, RestoreMessage message)
    {
        // Beside this function, whatever host.json's route prefix is.
        var path = request.Path.Value!;
        request.HttpContext.Response.Headers.Location = $"{request.PathBase}{path[..path.LastIndexOf('/')]}/runs/{message.RequestId}";
        return new Answer(Results.Text(message.ToJson(), "application/json", Encoding.UTF8, StatusCodes.Status202Accepted), message.ToJson());
    }

    /// <summary>Null when it is more than a queue takes; what isn't UTF-8 becomes what no field may hold.</summary>
    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[MessageText.MaxBytes + 1];
        var count = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return count == buffer.Length ? null : Encoding.UTF8.GetString(buffer, 0, count);
    }
}
