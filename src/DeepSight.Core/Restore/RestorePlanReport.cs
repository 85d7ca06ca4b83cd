namespace DeepSight.Core.Restore;

/// <summary>What a restore is going to do, or did: in <c>restore --json</c>, and what <c>GET plan/restore</c> answers.</summary>
public sealed record RestorePlanReport
{
    public required string Backup { get; init; }

    public required string Location { get; init; }

    public required long StoredBytes { get; init; }

    public required long? Rows { get; init; }

    public required DateTimeOffset? TakenAt { get; init; }

    public required DateTimeOffset? ProvenAt { get; init; }

    public required string Target { get; init; }

    public required RestoreMode Mode { get; init; }

    public required string? Production { get; init; }

    public required string ServerVersion { get; init; }

    public required long? DatabaseBytes { get; init; }

    public required int Connections { get; init; }

    public required string ResultName { get; init; }

    public required string? PreviousName { get; init; }

    public required bool BacksUpFirst { get; init; }

    public required long SpaceNeeded { get; init; }

    public required IReadOnlyList<string> MissingRoles { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public static RestorePlanReport Of(RestorePlan plan) => new()
    {
        Backup = plan.Source.Name,
        Location = plan.Source.Location,
        StoredBytes = plan.Source.StoredBytes,
        Rows = plan.Source.Manifest?.Rows,
        TakenAt = plan.Source.TakenAt,
        ProvenAt = plan.Source.ProvenAt,
        Target = plan.Target.Target,
        Mode = plan.Mode,
        Production = plan.Production,
        ServerVersion = plan.ServerVersion.ToString(),
        DatabaseBytes = plan.Server?.DatabaseBytes,
        Connections = plan.Connections,
        ResultName = plan.ResultName,
        PreviousName = plan.PreviousName,
        BacksUpFirst = plan.BacksUpFirst,
        SpaceNeeded = plan.SpaceNeeded,
        MissingRoles = plan.MissingRoles,
        Warnings = plan.Warnings,
    };
}
