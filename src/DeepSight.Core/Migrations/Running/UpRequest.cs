using DeepSight.Core.Postgres.Locking;

namespace DeepSight.Core.Migrations.Running;

/// <summary>What <c>migrate up</c> is asked to do.</summary>
public sealed record UpRequest
{
    /// <summary><c>head</c>, <c>heads</c>, a revision, <c>+1</c>, <c>label@head</c>…</summary>
    public string Target { get; init; } = "head";

    /// <summary>Say what would run; touch nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Go on though applied files changed, were renamed or are gone. Changed ones are not run again.</summary>
    public bool AllowDrift { get; init; }

    /// <summary>Revisions whose header says that they delete data may run.</summary>
    public bool AllowDataLoss { get; init; }

    /// <summary>Of <see cref="MigrationResult.Losses"/>, those that somebody has seen and approved.</summary>
    public IReadOnlyList<string> ApprovedLosses { get; init; } = [];

    /// <summary>Nobody asked for it: it runs only where <see cref="AutomaticMigration"/> lets it, checked under the lock.</summary>
    public bool Automatic { get; init; }

    /// <summary>The lock of the job that this run is part of; null takes one.</summary>
    public JobLock? Under { get; init; }

    /// <summary>
    /// Takes a backup and returns its name. Called once, under the lock, before the first script runs: if a revision deletes data, or
    /// with <see cref="BackupFirst"/> if any script runs. Null takes none.
    /// </summary>
    public Func<JobLock, CancellationToken, Task<string>>? Backup { get; init; }

    /// <summary>A backup before any script, not only before one that deletes data.</summary>
    public bool BackupFirst { get; init; }
}

/// <summary>What <c>migrate down</c> is asked to do.</summary>
/// <param name="Target"><c>-1</c>, a revision (which stays), <c>base</c>, <c>label@-1</c>…</param>
public sealed record DownRequest(string Target)
{
    /// <summary>Say what would be undone; touch nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>The operator knows that this is production.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Patterns of hosts that are production beside those that always are.</summary>
    public IReadOnlyList<string> ProductionHosts { get; init; } = [];

    /// <summary>Go on though applied files changed, were renamed or are gone.</summary>
    public bool AllowDrift { get; init; }
}
