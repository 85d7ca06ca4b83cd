using System.Globalization;
using System.Text.Json;
using DeepSight.Core.Queues;

namespace DeepSight.LocalHost.Queues;

/// <summary>What a function learns of its message beside the text, as the official worker hands it on.</summary>
internal static class MessageBindingData
{
    public static IReadOnlyDictionary<string, object?> Of(ReceivedMessage message, string text)
    {
        var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Properties(text)) data[name] = value;

        // The properties of a JSON object win: one named id hides the message's own.
        data.TryAdd("QueueTrigger", text);
        data.TryAdd("Id", message.Id);
        data.TryAdd("DequeueCount", message.DequeueCount.ToString(CultureInfo.InvariantCulture));
        data.TryAdd("PopReceipt", message.PopReceipt);
        data.TryAdd("InsertionTime", JsonSerializer.Serialize(message.Inserted));
        data.TryAdd("ExpirationTime", JsonSerializer.Serialize(message.Expires));
        data.TryAdd("NextVisibleTime", JsonSerializer.Serialize(message.NextVisible));
        return data;
    }

    private static IEnumerable<(string Name, string? Value)> Properties(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith('{')) return [];

        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateObject().Select(property =>
                (property.Name, property.Value.ValueKind == JsonValueKind.Null ? null : property.Value.ToString()))];
        }
        catch (JsonException)
        {
            // Not JSON after all; the function gets the text as it is and judges for itself.
            return [];
        }
    }
}
