namespace Microsoft.Azure.Functions.Worker;

/// <summary>One binding of a function.</summary>
public abstract class BindingMetadata
{
    /// <summary>The parameter or property, or <c>$return</c>.</summary>
    public abstract string Name { get; }

    /// <summary><c>timerTrigger</c>, <c>httpTrigger</c>, <c>queueTrigger</c>, <c>queue</c> or <c>http</c>.</summary>
    public abstract string Type { get; }

    public abstract BindingDirection Direction { get; }
}
