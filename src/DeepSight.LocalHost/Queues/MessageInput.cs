using System.Text.Json;
using DeepSight.Core.Queues;
using DeepSight.LocalHost.Worker;
using DeepSight.LocalHost.Worker.Protocol;
using System.Text;

namespace DeepSight.LocalHost.Queues;

/// <summary>From the text on the queue to what the function gets. host.json's <c>messageEncoding</c>: as it is, or as base64 of UTF-8.</summary>
internal static class MessageInput
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="FormatException">It should be base64 of UTF-8 and isn't.</exception>
    public static string Decode(string text, bool base64)
    {
        try
        {
            return base64 ? Utf8.GetString(Convert.FromBase64String(text)) : text;
        }
        catch (ArgumentException e)
        {
            throw new FormatException("The message is not base64 of UTF-8 text.", e);
        }
    }

    /// <summary>A message as the worker wants it: its text, and beside it what the queue knows of it, as the real host sends it.</summary>
    public static TriggerInput Input(ReceivedMessage message, string text, string reason) => new(new TypedData { String = text }, reason)
    {
        Metadata = new Dictionary<string, TypedData>
        {
            ["QueueTrigger"] = new() { String = text },
            ["Id"] = new() { String = message.Id },
            ["PopReceipt"] = new() { String = message.PopReceipt },
            ["DequeueCount"] = new() { Json = JsonSerializer.Serialize(message.DequeueCount) },
            ["InsertionTime"] = new() { Json = JsonSerializer.Serialize(message.Inserted) },
            ["ExpirationTime"] = new() { Json = JsonSerializer.Serialize(message.Expires) },
            ["NextVisibleTime"] = new() { Json = JsonSerializer.Serialize(message.NextVisible) },
        },
    };
}
