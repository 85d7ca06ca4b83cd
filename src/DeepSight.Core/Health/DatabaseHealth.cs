using System.Text.Json.Serialization;

namespace DeepSight.Core.Health;

/// <summary>What the database says of itself.</summary>
/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>.</param>
/// <param name="LatencyMs">Of one round trip with a small query, over an open connection.</param>
/// <param name="Version"><c>PostgreSQL 16.1</c>.</param>
/// <param name="SizeMb">In MiB.</param>
/// <param name="ActiveConnections">To all databases of the server, as <paramref name="MaxConnections"/> limits them.</param>
public sealed record DatabaseHealth(
    string Status, double? LatencyMs, string? Version, double? SizeMb, int? ActiveConnections, int? MaxConnections)
{
    /// <summary>Why it is unhealthy, without names of hosts, users or databases: whoever may not know more may ask.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}
