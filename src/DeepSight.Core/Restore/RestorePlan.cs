using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;

namespace DeepSight.Core.Restore;

/// <summary>What a restore will do, known before anything is touched.</summary>
public sealed record RestorePlan
{
    public required DumpSource Source { get; init; }

    public required DatabaseUrl Target { get; init; }

    public required RestoreMode Mode { get; init; }

    /// <summary>Null when the target does not exist, which only <see cref="RestoreMode.Into"/> bears.</summary>
    public ServerInfo? Server { get; init; }

    public required PostgresVersion ServerVersion { get; init; }

    /// <summary>Other sessions in the target.</summary>
    public required int Connections { get; init; }

    /// <summary>The pattern of production hosts that the target matches; null when it is none.</summary>
    public string? Production { get; init; }

    /// <summary>Where the restored content will be found.</summary>
    public required string ResultName { get; init; }

    /// <summary>Where the present content will be found after a swap; null in other modes.</summary>
    public string? PreviousName { get; init; }

    /// <summary>Whether a backup of the target comes first.</summary>
    public required bool BacksUpFirst { get; init; }

    /// <summary>Needed on the server beside what is there, at most.</summary>
    public required long SpaceNeeded { get; init; }

    /// <summary>Tables of the target that the backup does not hold, and that go with it; a few of many.</summary>
    public IReadOnlyList<string> LostTables { get; init; } = [];

    /// <summary>Roles that the backup needs and the server lacks.</summary>
    public IReadOnlyList<string> MissingRoles { get; init; } = [];

    /// <summary>What else the operator should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
