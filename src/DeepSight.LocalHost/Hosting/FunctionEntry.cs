using DeepSight.LocalHost.Discovery;

namespace DeepSight.LocalHost.Hosting;

/// <summary>A function as this host will treat it.</summary>
/// <param name="Problem">Why it is in error, or null. It then has no trigger, no URL and can't be run.</param>
/// <param name="IsDisabled">Its trigger is off; it can still be run through <c>/admin</c>.</param>
internal sealed record FunctionEntry(FunctionDescriptor Function, string? Problem, bool IsDisabled);
