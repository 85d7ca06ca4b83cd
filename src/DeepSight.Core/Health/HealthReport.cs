using System.Text.Json.Serialization;

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
