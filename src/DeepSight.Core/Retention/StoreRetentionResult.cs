namespace DeepSight.Core.Retention;

/// <summary>What retention decided, and did unless it was a dry run, in one store.</summary>
public sealed record StoreRetentionResult
{
    public required string Location { get; init; }

    public required RetentionPlan Plan { get; init; }

    /// <summary>Names of the backups that are gone, those of an earlier retention that had not come to its end included.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Of the deleted backups, with their side files.</summary>
    public long FreedBytes { get; init; }

    /// <summary>Run records that were deleted; in a dry run those that would be.</summary>
    public int Runs { get; init; }

    /// <summary>Leftovers of interrupted jobs that were removed or put right, in words.</summary>
    public IReadOnlyList<string> Swept { get; init; } = [];

    /// <summary>What does not fit together, in words; nothing was done about it.</summary>
    public IReadOnlyList<string> Orphans { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What stopped it; what was done before is as told above, and the next retention goes on from there.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DeepSightException? Failure { get; init; }
}
