namespace Microsoft.Azure.Functions.Worker;

/// <summary>Base of the retry rules for a function that failed. Timers only: a queue has its dequeue count.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class RetryAttribute : Attribute
{
    /// <summary>How often to try again after the first failure; -1: for ever.</summary>
    public int MaxRetryCount { get; set; }
}
