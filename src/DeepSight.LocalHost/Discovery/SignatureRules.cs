using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DeepSight.LocalHost.Discovery;

/// <summary>What a function may look like. What the official worker would refuse, or treat otherwise than here, is refused.</summary>
internal static partial class SignatureRules
{
    /// <summary>Why the function can't run, or null.</summary>
    public static string? Problem(FunctionDescriptor function)
    {
        if (!Name().IsMatch(function.Name)) return "its name must start with a letter and hold only letters, digits, '-' and '_'";
        if (!function.Method.IsPublic || function.Method.DeclaringType is not { IsVisible: true }) return "its method or class is not public";
        if (function.Method.IsGenericMethodDefinition || function.Method.DeclaringType.ContainsGenericParameters) return "it is generic";
        if (function.Retry is not null && function.Trigger is not TimerTriggerAttribute)
            return "a retry attribute works on timers only; a queue has its maxDequeueCount";

        var returned = function.Method.ReturnType;
        if (returned == typeof(ValueTask) || (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            return "it returns a ValueTask, which the official worker does not await; return a Task";

        return function.Trigger switch
        {
            TimerTriggerAttribute => MustBe(function.TriggerParameter!, typeof(TimerInfo)),
            QueueTriggerAttribute => MustBe(function.TriggerParameter!, typeof(string)),
            HttpTriggerAttribute http => MustBe(function.TriggerParameter!, typeof(HttpRequest)) ?? HttpProblem(function, http),
            _ => $"this host has no trigger {function.Trigger?.GetType().Name}",
        };
    }

    /// <summary>What comes out of the method once awaited; <c>void</c> for a plain Task.</summary>
    public static Type ResultOf(MethodInfo method)
    {
        var type = method.ReturnType;
        if (type == typeof(Task)) return typeof(void);

        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>) ? type.GetGenericArguments()[0] : type;
    }

    private static string? MustBe(ParameterInfo parameter, Type type) =>
        parameter.ParameterType == type ? null : $"its trigger parameter '{parameter.Name}' is not a {type.Name}";

    private static string? HttpProblem(FunctionDescriptor function, HttpTriggerAttribute http)
    {
        if (http.AuthLevel == AuthorizationLevel.User) return "the level User needs a sign-in service, which this host has not";

        var response = function.HttpResult?.PropertyType ?? ResultOf(function.Method);
        return response == typeof(void) || response.IsAssignableTo(typeof(IResult))
            ? null
            : "it must return an IResult, or an object with one in a property marked [HttpResult]";
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,126}$")]
    private static partial Regex Name();
}
