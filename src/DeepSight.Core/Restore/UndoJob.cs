using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Restore.Databases;
using DeepSight.Core.Restore.Preflight;
using DeepSight.Core.Restore.Publishing;
using DeepSight.Core.Runs;
using Npgsql;

namespace DeepSight.Core.Restore;

/// <summary>Swaps back what the latest swap took away. The restored content is set aside in its turn, so that an undo can be undone.</summary>
public sealed class UndoJob(RestoreSettings settings, RunJournal runs, TimeProvider clock)
{
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(2);

    /// <param name="approve">Sees the plan before anything is touched; its exception ends it there. Null approves.</param>
    /// <exception cref="DeepSightException">There is nothing to undo, or it can't be; the target is as it was.</exception>
    public Task<UndoResult> RunAsync(UndoRequest request, Func<UndoPlan, CancellationToken, Task>? approve, CancellationToken cancellationToken) => request.DryRun
        ? UndoAsync(request, approve, cancellationToken)
        : runs.RecordAsync(request.Stores, runs.Start("undo", request.Trigger, request.Target.DatabaseId),
            () => UndoAsync(request, approve, cancellationToken), (record, result) => record with { Backup = result.Plan.Backup, Mode = "swap" }, cancellationToken);

    private async Task<UndoResult> UndoAsync(UndoRequest request, Func<UndoPlan, CancellationToken, Task>? approve, CancellationToken cancellationToken)
    {
        ProductionGuard.Check(request.Target, request.Confirm, settings);
        await using var jobLock = request.DryRun ? null : await JobLock.AcquireAsync(request.Target, "undo", LockWait, clock, cancellationToken);
        var (plan, previous, present) = await PlanAsync(request, jobLock, cancellationToken);
        if (approve is not null) await approve(plan, cancellationToken);
        if (request.DryRun) return new UndoResult(plan, null);

        var marker = new DatabaseMarker
        {
            Deepsight = DatabaseMarker.Previous,
            Database = request.Target.Database,
            At = clock.GetUtcNow(),
            Comment = present,
        };
        var unavailable = await new DatabaseSwap()
            .Rename(request.Target.Database, plan.SetAside).Comment(plan.SetAside, marker.ToComment())
            .Rename(plan.Previous, request.Target.Database).Comment(request.Target.Database, previous.Comment)
            .PublishAsync(request.Target, jobLock!.EnsureStillHeldAsync, clock, cancellationToken);
        return new UndoResult(plan, unavailable);
    }

    private static async Task<(UndoPlan Plan, DatabaseMarker Previous, string? Comment)> PlanAsync(UndoRequest request, JobLock? jobLock, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresServer.ConnectAsync(request.Target, "deepsight undo", cancellationToken);
        await PostgresServer.RefusePoolerAsync(connection, request.Target, cancellationToken);
        var (name, previous) = await FindAsync(connection, request.Target, cancellationToken);
        var target = await TargetFacts.ReadAsync(connection, cancellationToken);
        SwapRules.Check(new RestoreRequest(new RestoreOptions { DropReplication = true })
        {
            Target = request.Target,
            Source = _ => throw new InvalidOperationException(),
            Stores = [],
            Trigger = "",
        }, target, jobLock);
        var attributes = await DatabaseAttributes.ReadAsync(connection, request.Target.Database, cancellationToken);
        var setAside = DatabaseNames.Previous(request.Target.Database, DatabaseNames.NewId());
        return (new UndoPlan(request.Target, name, previous.At, previous.Backup, setAside, target.Connections), previous, attributes.Comment);
    }

    /// <summary>The newest that a swap of this very database left.</summary>
    private static async Task<(string Name, DatabaseMarker Marker)> FindAsync(NpgsqlConnection connection, DatabaseUrl target, CancellationToken cancellationToken)
    {
        var found = await PreviousDatabases.ListAsync(connection, target.Database, cancellationToken);
        return found.Count > 0 ? found[0] : throw new DeepSightException(FailureKind.NothingToDo,
            $"There is nothing to undo: no database that a swap of '{target.Display}' replaced is kept.",
            "a restore in place is undone by restoring its pre-restore backup: `deepsight list` shows it.");
    }
}
