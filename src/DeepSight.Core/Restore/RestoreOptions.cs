namespace DeepSight.Core.Restore;

/// <summary>What a restore may be told, by the same names in a queue message, over HTTP and on the command line.</summary>
public record RestoreOptions
{
    /// <summary>Null: swap where the server allows it.</summary>
    public RestoreMode? Mode { get; init; }

    /// <summary>The new database's name, for <see cref="RestoreMode.Into"/>.</summary>
    public string? Into { get; init; }

    /// <summary>In place: drop the target's objects first, in the same transaction.</summary>
    public bool Clean { get; init; }

    /// <summary>The target may be production.</summary>
    public bool Confirm { get; init; }

    /// <summary>The space that a production server needs meanwhile is there.</summary>
    public bool ConfirmSpace { get; init; }

    /// <summary>No backup of the target beforehand.</summary>
    public bool Force { get; init; }

    /// <summary>Roles that the backup names and the server lacks are created, without login.</summary>
    public bool CreateMissingRoles { get; init; }

    /// <summary>Replication slots, subscriptions and the like that tie the target's name are dropped.</summary>
    public bool DropReplication { get; init; }
}
