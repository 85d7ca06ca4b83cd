using System.Globalization;
using System.Text.Json;
using DeepSight.LocalHost.Worker.Protocol;

namespace DeepSight.LocalHost.Worker;

internal enum TriggerKind
{
    Unknown,
    Timer,
    Queue,
    Http,
}

/// <summary>A function as the worker describes it.</summary>
/// <param name="Parameter">The name of the trigger's parameter.</param>
/// <param name="Trigger">The trigger's binding as JSON: <c>schedule</c>, <c>queueName</c>, <c>route</c> and the like.</param>
/// <param name="Problem">Why it can't run, or null. The other functions of the app run.</param>
internal sealed record FunctionDescriptor(
    string Id, string Name, TriggerKind Kind, string Parameter, JsonElement Trigger, RetryOptions? Retry, string? Problem)
{
    /// <summary>Text of the trigger's binding by its name, or null.</summary>
    public string? Text(string property) => Trigger.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public IReadOnlyList<string> Texts(string property) =>
        Trigger.TryGetProperty(property, out var values) && values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray().Select(value => value.ToString())] : [];

    public bool Flag(string property, bool standard) =>
        Trigger.TryGetProperty(property, out var value) ? value.ValueKind == JsonValueKind.True : standard;

    /// <summary>How long to wait before the new try of that number (1: the first), or null when none is left.</summary>
    public TimeSpan? RetryPause(int retry) =>
        Retry is null || (Retry.MaxRetryCount >= 0 && retry > Retry.MaxRetryCount) ? null : Retry.DelayInterval.ToTimeSpan();

    public static FunctionDescriptor Read(FunctionMetadata metadata)
    {
        var bindings = metadata.RawBindings.Select(raw => JsonDocument.Parse(raw).RootElement.Clone()).ToList();
        var triggers = bindings.Where(binding => TypeOf(binding).EndsWith("Trigger", StringComparison.OrdinalIgnoreCase)).ToList();
        var outputs = bindings.Where(binding => Property(binding, "direction").Equals("out", StringComparison.OrdinalIgnoreCase)
            && !TypeOf(binding).Equals("http", StringComparison.OrdinalIgnoreCase)).Select(TypeOf).ToList();
        var kind = triggers.Count != 1 ? TriggerKind.Unknown : TypeOf(triggers[0]).ToLowerInvariant() switch
        {
            "timertrigger" => TriggerKind.Timer,
            "queuetrigger" => TriggerKind.Queue,
            "httptrigger" => TriggerKind.Http,
            _ => TriggerKind.Unknown,
        };
        var problem = triggers.Count != 1 ? string.Create(CultureInfo.InvariantCulture, $"it has {triggers.Count} triggers instead of one")
            : kind == TriggerKind.Unknown ? $"this host has no {TypeOf(triggers[0])}"
            : outputs.Count > 0 ? $"this host has no output binding ({string.Join(", ", outputs)})"
            : metadata.RetryOptions is { } retry && (kind != TriggerKind.Timer || retry.RetryStrategy != RetryOptions.Types.Strategy.FixedDelay)
                ? "this host knows the fixed delay of a timer as its only retry rule"
            : null;
        var trigger = triggers.FirstOrDefault();
        return new FunctionDescriptor(metadata.FunctionId, metadata.Name, kind,
            triggers.Count == 0 ? "" : Property(trigger, "name"), trigger, metadata.RetryOptions, problem);
    }

    private static string TypeOf(JsonElement binding) => Property(binding, "type");

    private static string Property(JsonElement binding, string name) =>
        binding.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

/// <summary>A function as this host will treat it.</summary>
/// <param name="Problem">Why it is in error, or null. It then has no trigger, no URL and can't be run.</param>
/// <param name="IsDisabled">Its trigger is off; it can still be run through <c>/admin</c>.</param>
internal sealed record FunctionEntry(FunctionDescriptor Function, string? Problem, bool IsDisabled);
