namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which try this is.</summary>
public abstract class RetryContext
{
    /// <summary>0 at the first try.</summary>
    public abstract int RetryCount { get; }

    /// <summary>How often the function is tried again at most; 0 without a retry rule, -1 for ever.</summary>
    public abstract int MaxRetryCount { get; }
}
