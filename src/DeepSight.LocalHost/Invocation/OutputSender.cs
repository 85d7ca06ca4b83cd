using System.Collections;
using System.Text.Json;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Discovery;
using DeepSight.LocalHost.Queues;
using DeepSight.LocalHost.Settings;

namespace DeepSight.LocalHost.Invocation;

/// <summary>Sends a function's results to their queues. A request is answered only after that: what was promised is on the queue.</summary>
internal sealed class OutputSender(QueueConnections connections, AppSettings settings, HostJson options)
{
    public async Task SendAsync(FunctionDescriptor function, object? result, CancellationToken cancellationToken)
    {
        if (result is null) return;

        foreach (var output in function.Outputs)
        {
            var queue = connections.Open(output.Queue.Connection).Open(settings.Resolve(output.Queue.QueueName));
            foreach (var text in Messages(output.Property is null ? result : output.Property.GetValue(result)))
                await queue.SendAsync(MessageEncoding.Encode(text, options.Queues.Base64), MessageText.DefaultTimeToLive, cancellationToken);
        }
    }

    private static IEnumerable<string> Messages(object? value) => value switch
    {
        null => [],
        string text => [text],
        IEnumerable many => many.Cast<object?>().SelectMany(Messages),
        _ => [JsonSerializer.Serialize(value, value.GetType())],
    };
}
