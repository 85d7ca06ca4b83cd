using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace DeepSight.LocalHost.Discovery;

/// <summary>Finds the methods marked <see cref="FunctionAttribute"/>.</summary>
internal static class FunctionFinder
{
    /// <summary>In order of names. A name used twice puts both in error: which one was meant can't be known.</summary>
    public static IReadOnlyList<FunctionDescriptor> Find(IEnumerable<Type> types)
    {
        var found = types
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
                | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => method.IsDefined(typeof(FunctionAttribute)))
            .Select(Describe)
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)
            .ToList();

        return [.. found.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase)
            .SelectMany(same => same.Count() == 1 ? same : same.Select(function => function with
            {
                Problem = $"its name is used {same.Count()} times: {string.Join(", ", same.Select(f => f.EntryPoint))}",
            }))];
    }

    private static FunctionDescriptor Describe(MethodInfo method)
    {
        var triggers = method.GetParameters()
            .Select(parameter => (parameter, attribute: parameter.GetCustomAttribute<TriggerBindingAttribute>()))
            .Where(pair => pair.attribute is not null)
            .ToList();
        var result = SignatureRules.ResultOf(method);

        var function = new FunctionDescriptor(
            method.GetCustomAttribute<FunctionAttribute>()!.Name,
            method,
            triggers.FirstOrDefault().attribute,
            triggers.FirstOrDefault().parameter,
            method.GetCustomAttribute<RetryAttribute>(),
            Outputs(method, result),
            result.GetProperties().FirstOrDefault(property => property.IsDefined(typeof(HttpResultAttribute))),
            Problem: null);

        return function with { Problem = triggers.Count == 1 ? SignatureRules.Problem(function) : $"it has {triggers.Count} triggers instead of one" };
    }

    private static List<QueueOutput> Outputs(MethodInfo method, Type result)
    {
        var outputs = result.GetProperties()
            .Select(property => (property, queue: property.GetCustomAttribute<QueueOutputAttribute>()))
            .Where(pair => pair.queue is not null)
            .Select(pair => new QueueOutput(pair.property, pair.queue!))
            .ToList();
        if (method.GetCustomAttribute<QueueOutputAttribute>() is { } whole) outputs.Add(new QueueOutput(null, whole));

        return outputs;
    }
}
