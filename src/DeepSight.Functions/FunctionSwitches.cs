using Microsoft.Extensions.Configuration;

namespace DeepSight.Functions;

/// <summary>The settings that tell a host not to run a function.</summary>
internal static class FunctionSwitches
{
    public static bool IsOff(this IConfiguration configuration, string function) =>
        (configuration[$"AzureWebJobs.{function}.Disabled"] ?? configuration[$"AzureWebJobs:{function}:Disabled"]) is "true" or "True" or "1";
}
