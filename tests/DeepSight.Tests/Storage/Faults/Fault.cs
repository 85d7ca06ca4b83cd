namespace DeepSight.Tests.Storage.Faults;

/// <summary>One fault between the SDK and the gateway.</summary>
/// <param name="Call">Which requests it hits.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="After">False: the gateway never sees the request. True: it carries it out, and only the answer is lost.</param>
/// <param name="Times">How many requests it hits before things work again.</param>
public sealed record Fault(StoreCall Call, FaultKind Kind, bool After, int Times)
{
    public override string ToString() => $"{Kind} {(After ? "after" : "before")} {Call}, {(Times == int.MaxValue ? "always" : $"{Times} times")}";
}
