using DeepSight.Core.Runs;

namespace DeepSight.Core.Requests;

/// <summary>A job that someone asked for over HTTP, as it stands on the queue. Restores have a queue and a message of their own.</summary>
public sealed record JobMessage
{
    public const int CurrentSchemaVersion = 1;

    /// <summary>The queue of backups, verifications and undos that were asked for.</summary>
    public const string Queue = "job-requests";

    /// <summary>How long a request holds when it does not say so itself.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>The id of its run; a message that comes twice with one id is done once.</summary>
    public required string RequestId { get; init; }

    /// <summary><see cref="JobNames.Backup"/>, <see cref="JobNames.Verify"/> or <see cref="JobNames.Undo"/>.</summary>
    public required string Job { get; init; }

    /// <summary>Of a verification: the backup's whole name.</summary>
    public string? Backup { get; init; }

    /// <summary>Of an undo: the database that comes back. Another one than the plan showed is refused.</summary>
    public string? Previous { get; init; }

    /// <summary>Of an undo: the target may be production.</summary>
    public bool Confirm { get; init; }

    /// <summary>Who asked, for the record.</summary>
    public required string RequestedBy { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>On one line, as it is put on the queue.</summary>
    public string ToJson() => Json.ToLine(this);

    /// <summary>What is asked for: by whom and until when may differ where a request is sent once more.</summary>
    internal byte[] Asked() => Json.ToUtf8(this with { RequestedBy = "", ExpiresAt = default });
}
