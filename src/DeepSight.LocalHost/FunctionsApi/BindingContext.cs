namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the trigger knows beside its value.</summary>
public abstract class BindingContext
{
    /// <summary>
    /// For a queue message: QueueTrigger (the text), Id, DequeueCount, PopReceipt, InsertionTime, ExpirationTime, NextVisibleTime and
    /// the properties of a JSON object, which win over the former. Values are text; times are JSON strings, quotes included,
    /// as the official worker gets them.
    /// </summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}
