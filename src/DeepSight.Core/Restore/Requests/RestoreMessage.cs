
namespace DeepSight.Core.Restore.Requests;

/// <summary>
/// A restore request as it stands on the queue: everything is said, nothing is left to what <c>latest</c> or the settings
/// happen to be when it is read. docs/restore-requests.md describes it for those who write one by hand.
/// </summary>
public sealed record RestoreMessage : RestoreOptions
{
    public const int CurrentSchemaVersion = 1;

    /// <summary>The queue of restore requests.</summary>
    public const string Queue = "restore-requests";

    /// <summary>How long a request holds when it does not say so itself.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);

    internal RestoreMessage(RestoreOptions options) : base(options) { }

    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>The id of its run; a message that comes twice with one id is done once.</summary>
    public required string RequestId { get; init; }

    /// <summary><c>host:port/database</c>, which must be the one configured where the message is read.</summary>
    public required string Target { get; init; }

    /// <summary>A backup's whole name, never <c>latest</c>.</summary>
    public required string Backup { get; init; }

    /// <summary>Who asked, for the record.</summary>
    public required string RequestedBy { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What is asked for: by whom and until when may differ where a request is sent once more.</summary>
    internal byte[] Asked() => Json.ToUtf8(this with { RequestedBy = "", ExpiresAt = default });

    /// <summary>On one line, as it is put on the queue.</summary>
    public string ToJson() => Json.ToLine(this);
}
