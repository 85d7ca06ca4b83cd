using System.ComponentModel;
using System.Reflection;
using DeepSight.LocalHost.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Invocation;

/// <summary>Gives each parameter its value: the trigger's, the context, the token, or binding data (route values, JSON properties) by name.</summary>
internal static class ParameterBinder
{
    /// <exception cref="BadHttpRequestException">A route value can't be what its parameter wants to be (400).</exception>
    public static object?[] Bind(FunctionDescriptor function, TriggerInput input, FunctionContext context) =>
        [.. function.Method.GetParameters().Select(parameter => Bind(parameter, function, input, context))];

    private static object? Bind(ParameterInfo parameter, FunctionDescriptor function, TriggerInput input, FunctionContext context)
    {
        if (parameter == function.TriggerParameter) return input.Value;
        if (parameter.ParameterType == typeof(CancellationToken)) return context.CancellationToken;
        if (parameter.ParameterType.IsAssignableFrom(typeof(FunctionContext))) return context;
        if (parameter.ParameterType == typeof(HttpRequest)) return input.HttpContext?.Request;

        return input.BindingData.TryGetValue(parameter.Name!, out var value) && value is not null
            ? Convert(value, parameter)
            : Missing(parameter);
    }

    private static object? Convert(object value, ParameterInfo parameter)
    {
        if (parameter.ParameterType.IsInstanceOfType(value)) return value;

        try
        {
            return TypeDescriptor.GetConverter(parameter.ParameterType).ConvertFromInvariantString(value.ToString()!);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            throw new BadHttpRequestException($"'{parameter.Name}' is not a valid {TypeName(parameter)}.", StatusCodes.Status400BadRequest, e);
        }
    }

    private static object? Missing(ParameterInfo parameter) =>
        parameter.HasDefaultValue ? parameter.DefaultValue
        : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType)
        : null;

    private static string TypeName(ParameterInfo parameter) =>
        (Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType).Name;
}
