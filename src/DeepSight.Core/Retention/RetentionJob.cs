using DeepSight.Core.Catalog;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>Keeps the right backups in every store, and clears up what nobody needs any more. What it deletes it can explain.</summary>
public sealed class RetentionJob(RetentionSettings settings, BackupSettings backups, DatabaseSettings database, RestoreSettings restore,
    RunJournal runs, RunHistory history, TimeProvider clock)
{
    /// <summary>Plans all stores, then follows the plans; unless it is a dry run, between the two writes of a run record.</summary>
    /// <returns>What was decided and done; failures of single stores are in it.</returns>
    /// <exception cref="DeepSightException">
    /// Nothing was deleted: a plan leaves too few backups (<see cref="FailureKind.Refused"/>), another retention is at work
    /// (<see cref="FailureKind.Busy"/>), or no store could be read.
    /// </exception>
    public Task<RetentionResult> RunAsync(RetentionRequest request, CancellationToken cancellationToken) => request.DryRun
        ? ForetellAsync(request, cancellationToken)
        : runs.RecordAsync(request.Stores, runs.Start(JobNames.Retention, request.Trigger, null), () => ApplyAsync(request, cancellationToken), Describe, cancellationToken);

    private DatabaseCleanup Databases => new(database, restore.KeepPreviousDays, clock);

    private async Task<RetentionResult> ForetellAsync(RetentionRequest request, CancellationToken cancellationToken)
    {
        var failures = new List<DeepSightException>();
        var plans = await PlanAsync(request.Stores, failures, cancellationToken);
        return new RetentionResult([.. plans.Select(plan => plan.Retention.Foretell())], await Databases.RunAsync(dryRun: true, cancellationToken), failures);
    }

    private async Task<RetentionResult> ApplyAsync(RetentionRequest request, CancellationToken cancellationToken)
    {
        var failures = new List<DeepSightException>();
        var leases = new Dictionary<IBackupStore, RetentionLease>();
        try
        {
            var reachable = await TakeLeasesAsync(request.Stores, leases, failures, cancellationToken);
            var plans = await PlanAsync(reachable, failures, cancellationToken);
            if (plans.Count == 0) throw new DeepSightException(failures[0].Kind, failures[0].Message, failures[0].Hint, failures[0]);
            if (!request.Force) RefuseToLeaveTooFew(plans);

            var results = new List<StoreRetentionResult>();
            foreach (var (store, retention) in plans)
                results.Add(await retention.ApplyAsync(leases[store].RenewAsync, cancellationToken));
            return new RetentionResult(results, await Databases.RunAsync(dryRun: false, cancellationToken),
                [.. failures, .. results.Select(result => result.Failure).OfType<DeepSightException>()]);
        }
        finally
        {
            foreach (var lease in leases.Values) await lease.DisposeAsync();
        }
    }

    private async Task<List<IBackupStore>> TakeLeasesAsync(IReadOnlyList<IBackupStore> stores, Dictionary<IBackupStore, RetentionLease> leases,
        List<DeepSightException> failures, CancellationToken cancellationToken)
    {
        foreach (var store in stores)
        {
            try
            {
                leases.Add(store, await RetentionLease.TakeAsync(store, clock, cancellationToken));
            }
            catch (DeepSightException e) when (e.Kind != FailureKind.Busy)
            {
                failures.Add(e);
            }
        }

        return [.. leases.Keys];
    }

    private async Task<List<(IBackupStore Store, StoreRetention Retention)>> PlanAsync(
        IEnumerable<IBackupStore> stores, List<DeepSightException> failures, CancellationToken cancellationToken)
    {
        // Shared: what one store's records say about a running restore holds for the copies in the others.
        var active = new ActiveRuns(history, clock);
        var plans = new List<(IBackupStore, StoreRetention)>();
        foreach (var store in stores)
        {
            try
            {
                plans.Add((store, await StoreRetention.PlanAsync(store, backups.Name, settings, active, clock, cancellationToken)));
            }
            catch (DeepSightException e)
            {
                failures.Add(e);
            }
        }

        return plans;
    }

    private static void RefuseToLeaveTooFew(List<(IBackupStore Store, StoreRetention Retention)> plans)
    {
        foreach (var (_, retention) in plans.Where(plan => plan.Retention.Plan.LeavesTooFew))
            throw new DeepSightException(FailureKind.Refused,
                $"Retention would delete {retention.Plan.Deleted.Count():N0} of {retention.Plan.Decisions.Count:N0} backups in {retention.Location}. Nothing was deleted.",
                "`deepsight retention --dry-run` shows each with its reason: is the clock right, and BACKUP_RETENTION_DAYS? If it is meant, --force does it.");
    }

    private static RunRecord Describe(RunRecord record, RetentionResult result) => (result.Failures is [var failure, ..]
        ? record with { Status = RunStatus.Failed, Error = failure.Message, Hint = failure.Hint, ExitCode = (int)FailureKind.Failed }
        : record) with
    {
        StoredBytes = result.Stores.Sum(store => store.FreedBytes),
        Warnings = [.. result.Stores.SelectMany(store => store.Warnings.Concat(store.Orphans).Select(text => $"{store.Location}: {text}")), .. result.Databases],
    };
}

/// <summary>Which stores to clear up, and how.</summary>
/// <param name="Trigger">For the run record: <c>command</c>, <c>timer</c>, <c>http</c>.</param>
/// <param name="Force">Also follows a plan that leaves next to nothing.</param>
/// <param name="DryRun">Only plans: nothing is written, not even a record.</param>
public sealed record RetentionRequest(IReadOnlyList<IBackupStore> Stores, string Trigger, bool Force, bool DryRun);

/// <summary>What retention decided and did.</summary>
/// <param name="Stores">One for each store that could be listed.</param>
/// <param name="Databases">Databases of restores and drills that were dropped, or could not be, in words.</param>
/// <param name="Failures">What went wrong, in one store or another; the others were cleared up all the same.</param>
public sealed record RetentionResult(IReadOnlyList<StoreRetentionResult> Stores, IReadOnlyList<string> Databases,
    [property: System.Text.Json.Serialization.JsonIgnore] IReadOnlyList<DeepSightException> Failures);
