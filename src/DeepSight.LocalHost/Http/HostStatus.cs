using System.Text.Json.Serialization;

namespace DeepSight.LocalHost.Http;

/// <summary>The answer of <c>/admin/host/status</c>, in the real host's words.</summary>
/// <param name="ProcessUptime">Milliseconds.</param>
/// <param name="Errors">The functions in error and why; left out when there are none.</param>
internal sealed record HostStatus(
    string Id,
    string State,
    string Version,
    string VersionDetails,
    long ProcessUptime,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Errors);
