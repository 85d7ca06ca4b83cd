using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Backup;

/// <summary>What to back up, where to and why.</summary>
/// <param name="Stores">At least one; all get the same dump. One that fails drops out; the others get the backup.</param>
/// <param name="Trigger">For the run record: <c>command</c>, <c>timer</c>, <c>queue</c>, <c>http</c>.</param>
public sealed record BackupRequest(DatabaseUrl Database, BackupKind Kind, IReadOnlyList<IBackupStore> Stores, string Trigger)
{
    /// <summary>Is told once, before anything is dumped; or null.</summary>
    public Action<BackupStart>? Starting { get; init; }

    /// <summary>The request that it answers; or null.</summary>
    public RunOrder? Order { get; init; }

    /// <summary>How many read the database; null: as the settings say.</summary>
    public int? Sessions { get; init; }

    /// <summary>The lock of the job that this backup is part of; null takes one.</summary>
    public JobLock? Under { get; init; }
}

/// <summary>What is about to be dumped, and with which pg_dump.</summary>
/// <param name="Sessions">How many read large tables.</param>
/// <param name="Database">As it is shown: <c>app on db.internal:5432</c>.</param>
public sealed record BackupStart(string Database, PostgresVersion ServerVersion, long DatabaseBytes, PostgresVersion ClientVersion, ClientOrigin ClientOrigin, int Sessions);

/// <summary>How far a running dump is.</summary>
/// <param name="SqlBytes">Read from pg_dump so far.</param>
/// <param name="StoredBytes">Written to the store so far.</param>
/// <param name="ExpectedSqlBytes">What the previous backup of this database came to, or null.</param>
/// <param name="Table">The table at hand, or null between tables.</param>
public readonly record struct BackupProgress(long SqlBytes, long StoredBytes, long? ExpectedSqlBytes, string? Table)
{
    /// <summary>The last backup's size is a guess: it is never said to be done before it is.</summary>
    internal RunProgress ForRecord => new("dumping", Table, StoredBytes, SqlBytes, ExpectedSqlBytes is > 0 and { } expected ? Math.Min(0.99, (double)SqlBytes / expected) : null);
}
