namespace Microsoft.Azure.Functions.Worker;

/// <summary>Whether a binding brings something into the function or takes something out.</summary>
public enum BindingDirection
{
    In,
    Out,
}
