using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Restore;

/// <summary>What to restore where, and how.</summary>
public sealed record RestoreRequest : RestoreOptions
{
    public RestoreRequest(RestoreOptions options) : base(options) { }

    /// <summary>The configured database; with <see cref="RestoreMode.Into"/> the new one is made beside it.</summary>
    public required DatabaseUrl Target { get; init; }

    /// <summary>Finds the backup. Called only when the guard let the request pass.</summary>
    public required Func<CancellationToken, Task<DumpSource>> Source { get; init; }

    /// <summary>Where the run record goes, and the pre-restore backup when the source is no store of ours.</summary>
    public required IReadOnlyList<IBackupStore> Stores { get; init; }

    /// <summary>For the run record: <c>command</c>, <c>queue</c>.</summary>
    public required string Trigger { get; init; }

    /// <summary>Id of the run, and of the marker that commits with the restore; null makes one.</summary>
    public string? RequestId { get; init; }

    /// <summary>When the request was first taken: its record has one name however often it is taken up again. Null: now.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>Who asked, where a message says so; for the record.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Everything up to the first change, and the plan.</summary>
    public bool DryRun { get; init; }

    /// <summary>A dump of the restored database must give the source's table lines.</summary>
    public bool VerifyContent { get; init; }

    /// <summary>How many sessions load a new database. Null: <c>RESTORE_SESSIONS</c>.</summary>
    public int? Sessions { get; init; }

    /// <summary>In place: go on after errors, and count them.</summary>
    public bool TolerateErrors { get; init; }

    /// <summary>In place: a dump by hand may take tables away that it does not hold.</summary>
    public bool DropOthers { get; init; }

    /// <summary>The dump may hold statements that pg_dump doesn't write. Not by queue: who asks must have read the file.</summary>
    public bool TrustStatements { get; init; }

    /// <summary>Although RESTORE_TRUSTED_KEYS asks for a signature. On a terminal only: someone looks at it.</summary>
    public bool AllowUnsigned { get; init; }

    /// <summary>How long to wait for another job on the same database. Default: 2 s.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(2);

    internal RestoreMode EffectiveMode => Mode ?? (Into is not null ? RestoreMode.Into : RestoreMode.Swap);
}
