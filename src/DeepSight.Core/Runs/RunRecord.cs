using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace DeepSight.Core.Runs;

/// <summary>
/// What happened in one job, successful or not: <c>runs/2026/02/12/030000_backup_{id}.json</c>. Written when the job starts
/// and again when it ends. Holds no secret.
/// </summary>
public sealed record RunRecord : IJsonOnDeserialized
{
    public const int CurrentSchemaVersion = 1;

    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>Eight hexadecimal digits, or the <c>request_id</c> of a queue message.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="JobNames"/>.</summary>
    public required string Job { get; init; }

    /// <summary>What started it: one of <see cref="Triggers"/>.</summary>
    public required string Trigger { get; init; }

    public required RunStatus Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>While running, renewed now and then; a running record past this time belongs to a process that died.</summary>
    public DateTimeOffset? AliveUntil { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>While running, once the job has reported any; renewed at most once in five seconds.</summary>
    public RunProgress? Progress { get; init; }

    /// <summary>Of the database the job worked on; see the manifest's field of the same name.</summary>
    public string? DatabaseId { get; init; }

    /// <summary>Name of the backup made, restored or verified.</summary>
    public string? Backup { get; init; }

    public long? StoredBytes { get; init; }

    public long? SqlBytes { get; init; }

    public long? Rows { get; init; }

    /// <summary>Of a restore: the backup taken of the target beforehand.</summary>
    public string? PreRestoreBackup { get; init; }

    /// <summary>Of a restore: <c>swap</c>, <c>in-place</c>, <c>into</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Who asked, where a request says so.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>How far a migration went.</summary>
    public RevisionChange? Revisions { get; init; }

    /// <summary>What failed, as it was shown to the operator.</summary>
    public string? Error { get; init; }

    public string? Hint { get; init; }

    public int? ExitCode { get; init; }

    /// <summary>Things worth knowing that did not fail the job.</summary>
    [AllowNull]
    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];

    public required string ToolVersion { get; init; }

    /// <summary>The record's object name: sorted by start within its day.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string ObjectName => FormattableString.Invariant($"runs/{StartedAt.UtcDateTime:yyyy/MM/dd/HHmmss}_{Job}_{Id}.json");

    void IJsonOnDeserialized.OnDeserialized()
    {
        RecordCheck.Require(RunName.TryParse(ObjectName) is not null, "id");
        RecordCheck.Require(Enum.IsDefined(Status), "status");
        RecordCheck.Count(StoredBytes, "stored_bytes");
        RecordCheck.Count(SqlBytes, "sql_bytes");
        RecordCheck.Count(Rows, "rows");
        RecordCheck.Texts(Warnings, "warnings");
        Progress?.Check();
        foreach (var text in (string?[])[Trigger, Error, Hint, Backup, Mode, RequestedBy, ToolVersion]) RecordCheck.Text(text, "error");
    }

    /// <summary>The record as it is to be understood at this time: a running one past its lease is lost.</summary>
    internal RunRecord AsOf(DateTimeOffset now) => Status == RunStatus.Running && !IsAliveAt(now) ? this with { Status = RunStatus.Lost } : this;

    /// <summary>It had no end yet, and its process gave a sign of life not long ago.</summary>
    internal bool IsAliveAt(DateTimeOffset now) => Status == RunStatus.Running && AliveUntil > now && AliveUntil - now <= LongestSilence;

    /// <summary>A sign of life lasts for minutes: one that would last longer was given by a clock gone wrong, or by nobody.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(1);
}

/// <summary>Where the schema stood before and after a migration; several heads are joined with a comma, null is the base.</summary>
/// <param name="Scripts">How many were run.</param>
public sealed record RevisionChange(string? Before, string? After, int Scripts);

/// <summary>The jobs, as run records and their names have them.</summary>
public static class JobNames
{
    public const string Backup = "backup";
    public const string Restore = "restore";
    public const string Undo = "undo";
    public const string Verify = "verify";
    public const string Retention = "retention";
    public const string Migrate = "migrate";
}

/// <summary>What starts a job, as run records have it.</summary>
public static class Triggers
{
    public const string Command = "command";
    public const string Timer = "timer";
    public const string Queue = "queue";
    public const string Startup = "startup";
    public const string Http = "http";
}

[JsonConverter(typeof(KebabCase<RunStatus>))]
public enum RunStatus
{
    /// <summary>Started; lost when <see cref="RunRecord.AliveUntil"/> has passed.</summary>
    Running,
    Succeeded,
    Failed,

    /// <summary>A guard stopped it, or the request was invalid; nothing was touched.</summary>
    Refused,

    /// <summary>Another job held the lock.</summary>
    Busy,
    Cancelled,

    /// <summary>Never written: what a reader makes of a running one whose process gave no sign of life for too long.</summary>
    Lost,
}
