using DeepSight.Core;
using Microsoft.Extensions.Configuration;

namespace DeepSight.LocalHost.Settings;

/// <summary>What host.json says, as far as this host goes (learn.microsoft.com/azure/azure-functions/functions-host-json).</summary>
/// <param name="FunctionTimeout">30 minutes by default; <see cref="Timeout.InfiniteTimeSpan"/> for "-1".</param>
/// <param name="RoutePrefix"><c>api</c> by default; may be empty.</param>
internal sealed record HostJson(TimeSpan FunctionTimeout, string RoutePrefix, QueueOptions Queues)
{
    /// <exception cref="DeepSightException">A value is out of its range; all such values are named.</exception>
    public static HostJson From(IConfiguration configuration)
    {
        var read = new HostJsonReader(configuration.GetSection(JsonSettings.HostSection));
        var timeout = read.Value("functionTimeout") == "-1"
            ? Timeout.InfiniteTimeSpan
            : read.Time("functionTimeout", TimeSpan.FromMinutes(30), least: TimeSpan.FromSeconds(1));
        var prefix = read.Value("extensions:http:routePrefix") ?? "api";
        var queues = QueueOptions.From(read);
        read.ThrowIfWrong();
        return new HostJson(timeout, prefix.Trim('/'), queues);
    }
}
