namespace Microsoft.Azure.Functions.Worker;

/// <summary>The W3C trace context of an invocation; empty strings where there is none.</summary>
public abstract class TraceContext
{
    public abstract string TraceParent { get; }

    public abstract string TraceState { get; }
}
