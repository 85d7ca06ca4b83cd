using System.Text.Json.Serialization;
using DeepSight.Core.Migrations;

namespace DeepSight.Core.Health;

/// <summary>The answer of <c>GET /api/health/db</c>, in the shape that probes of the old tool know.</summary>
public sealed record HealthReport(DatabaseHealth Database, MigrationHealth Migrations)
{
    /// <summary>Whether the database answers; migrations that are behind don't make it unhealthy.</summary>
    [JsonIgnore]
    public bool IsHealthy => Database.Error is null;

    internal static HealthReport Unhealthy(string error) => new(
        new DatabaseHealth("unhealthy", null, null, null, null, null) { Error = error },
        new MigrationHealth(null, null, 0, false));
}

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

/// <summary>Where the schema stands.</summary>
/// <param name="CurrentRevision">Several are joined with a comma; null when nothing is applied.</param>
/// <param name="HeadRevision">As <paramref name="CurrentRevision"/>, of the deployed files.</param>
/// <param name="IsUpToDate">Nothing is pending, and what was applied is what the files say.</param>
public sealed record MigrationHealth(string? CurrentRevision, string? HeadRevision, int Pending, bool IsUpToDate)
{
    /// <summary>Why it can't be told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    internal static MigrationHealth Of(MigrationState state) =>
        new(state.CurrentRevision, state.HeadRevision, state.Pending.Count, state.IsUpToDate);

    internal static MigrationHealth Unknown(string error) => new(null, null, 0, false) { Error = error };
}
