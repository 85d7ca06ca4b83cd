using Microsoft.AspNetCore.Http;

namespace DeepSight.LocalHost.Invocation;

/// <summary>What started an invocation.</summary>
/// <param name="Value">Goes to the trigger parameter.</param>
/// <param name="BindingData">By name, to other parameters and to the function's context.</param>
/// <param name="Reason">For the log: <c>due at 03:00</c>, <c>message 7f3a, delivery 2</c>.</param>
internal sealed record TriggerInput(object Value, IReadOnlyDictionary<string, object?> BindingData, string Reason, HttpContext? HttpContext = null)
{
    public static readonly IReadOnlyDictionary<string, object?> NoData = new Dictionary<string, object?>();
}
