using DeepSight.Core.Access;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Restore.Loading;
using DeepSight.Core.Restore.Preflight;

namespace DeepSight.Core.Restore;

/// <summary>What one restore works with, once its preflight is done.</summary>
internal sealed record RestoreContext
{
    public required RestoreRequest Request { get; init; }

    /// <summary>Of the run, and of the marker that commits with the restore.</summary>
    public required string RunId { get; init; }

    /// <summary>Null in a dry run only, which goes no further than the plan.</summary>
    public required JobLock? Lock { get; init; }

    public required RestorePlan Plan { get; init; }

    /// <summary>Null when there is no target, which only <see cref="RestoreMode.Into"/> bears.</summary>
    public required TargetFacts? Target { get; init; }

    public required PostgresClient Client { get; init; }

    /// <summary>What the target says about its objects, read before anything is changed.</summary>
    public required AccessList TargetAccess { get; init; }

    /// <summary>Why that could not be read; null when it was.</summary>
    public string? TargetAccessProblem { get; init; }

    public required AccessList BackupAccess { get; init; }

    /// <summary>Of the first pass over the file, which in-place makes before it opens the target.</summary>
    public LoadResult? Checked { get; init; }

    /// <summary>With whose rights the dump is loaded.</summary>
    public required LoadRights Rights { get; init; }

    public IProgress<RestoreProgress>? Progress { get; init; }

    public DumpSource Source => Plan.Source;

    public DatabaseUrl TargetUrl => Request.Target;

    public void Report(RestorePhase phase) => Progress?.Report(new RestoreProgress(phase));

    public Task EnsureLockedAsync(CancellationToken cancellationToken) => Lock!.EnsureStillHeldAsync(cancellationToken);
}
