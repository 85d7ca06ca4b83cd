using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Restore;

/// <summary>What restores may touch, and how long they wait and keep.</summary>
public sealed class RestoreSettings
{
    [Setting("RESTORE_PRODUCTION_HOSTS", "Hosts, comma-separated, * for any part, that need --confirm like *.railway.app, *.proxy.rlwy.net and *.railway.internal.")]
    public IReadOnlyList<string> ProductionHosts { get; init; } = [];

    [Setting("RESTORE_SCHEMAS", "Schemas, comma-separated, that --clean may empty. Default: all but the system's.")]
    public IReadOnlyList<string> Schemas { get; init; } = [];

    [Setting("RESTORE_KEEP_PREVIOUS_DAYS", "How long the database that a restore replaced is kept for --undo.")]
    [Range(0, 3650)]
    public int KeepPreviousDays { get; init; } = 7;

    [Setting("RESTORE_LOCK_WAIT_MINUTES", "How long a restore from the queue waits for another job on the same database.")]
    [Range(0, 1440)]
    public int LockWaitMinutes { get; init; } = 30;

    [Setting("RESTORE_SESSIONS", "How many sessions load a new database (swap, into, drills): rows of large tables, indexes and keys, side by side.")]
    [Range(1, 16)]
    public int Sessions { get; init; } = 2;

    [Setting("RESTORE_LOCK_TIMEOUT_SECONDS", "How long a restore in place waits for locks on what it drops, and with it everything queued behind it.")]
    [Range(1, 3600)]
    public int LockTimeoutSeconds { get; init; } = 30;
}
