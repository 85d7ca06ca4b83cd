namespace DeepSight.Core.Restore.Requests;

/// <summary>What someone asks for, over HTTP or on the command line; <see cref="RestoreRequests"/> makes a message out of it.</summary>
public sealed record RestoreOrder : RestoreOptions
{
    /// <summary>Asks for the newest good backup.</summary>
    public const string Latest = "latest";

    /// <summary>A backup's whole name, or <see cref="Latest"/>.</summary>
    public required string Backup { get; init; }

    /// <summary>Null: a new one. The same one twice is one restore.</summary>
    public string? RequestId { get; init; }

    /// <summary>Null: the configured database.</summary>
    public string? Target { get; init; }

    public string? RequestedBy { get; init; }

    /// <summary>Null: <see cref="RestoreMessage.DefaultLifetime"/> from now.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
