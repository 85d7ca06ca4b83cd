using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Health;

/// <summary>How long a health probe may take.</summary>
public sealed class HealthSettings
{
    [Setting("HEALTH_TIMEOUT_SECONDS", "How long the health probe waits for the database before it says unhealthy.")]
    [Range(1, 300)]
    public int TimeoutSeconds { get; init; } = 5;
}
