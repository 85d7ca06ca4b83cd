using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace DeepSight.LocalHost.Discovery;

/// <summary>A function as its attributes describe it.</summary>
/// <param name="Trigger">Null only where <paramref name="Problem"/> says that there is none.</param>
/// <param name="Outputs">Queues that the returned value, or properties of it, are sent to.</param>
/// <param name="Problem">Why it can't run, or null. The other functions of the app run.</param>
internal sealed record FunctionDescriptor(
    string Name,
    MethodInfo Method,
    TriggerBindingAttribute? Trigger,
    ParameterInfo? TriggerParameter,
    RetryAttribute? Retry,
    IReadOnlyList<QueueOutput> Outputs,
    PropertyInfo? HttpResult,
    string? Problem)
{
    /// <summary>The full name of the method.</summary>
    public string EntryPoint => $"{Method.DeclaringType?.FullName}.{Method.Name}";
}
