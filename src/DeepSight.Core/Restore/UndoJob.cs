using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Restore.Preflight;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;
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
        : runs.RecordAsync(request.Stores, runs.Start(JobNames.Undo, request.Trigger, request.Target.DatabaseId, request.Order),
            () => UndoAsync(request, approve, cancellationToken), (record, result) => record with { Backup = result.Plan.Backup, Mode = "swap", Warnings = result.Notes }, cancellationToken);

    private Task<UndoResult> UndoAsync(UndoRequest request, Func<UndoPlan, CancellationToken, Task>? approve, CancellationToken cancellationToken) =>
        ServerFailure.ExplainAsync("undo", () => SwapBackAsync(request, approve, cancellationToken));

    private async Task<UndoResult> SwapBackAsync(UndoRequest request, Func<UndoPlan, CancellationToken, Task>? approve, CancellationToken cancellationToken)
    {
        ProductionGuard.Check(request.Target, request.Confirm, settings);
        if (request.DryRun)
        {
            var foreseen = (await PlanAsync(null, null)).Plan;
            if (approve is not null) await approve(foreseen, cancellationToken);
            return new UndoResult(foreseen, null, []);
        }

        var (jobLock, undo) = await Approval.AskAsync<Undo>(
            () => JobLock.AcquireAsync(request.Target, JobNames.Undo, LockWait, clock, cancellationToken), (held, shown) => PlanAsync(held, shown?.Plan.SetAside),
            approve is null ? null : planned => approve(planned.Plan, cancellationToken), RequireSame);
        await using var held = jobLock;
        var plan = undo.Plan;
        var unavailable = await new DatabaseSwap()
            .Rename(request.Target.Database, plan.SetAside).Comment(plan.SetAside, undo.Present.ToComment())
            .Rename(plan.Previous, request.Target.Database).Comment(request.Target.Database, undo.Previous.Comment)
            .PublishAsync(request.Target, jobLock.EnsureStillHeldAsync, clock, cancellationToken);
        var notes = await ReplicationCleanup.RunAsync(request.Target.WithDatabase(plan.SetAside), request.DropReplication, cancellationToken);
        return new UndoResult(plan, unavailable, notes);

        Task<Undo> PlanAsync(JobLock? held, string? setAside) =>
            this.PlanAsync(request, held, setAside ?? DatabaseNames.Previous(request.Target.Database, DatabaseNames.NewId()), cancellationToken);
    }

    private async Task<Undo> PlanAsync(UndoRequest request, JobLock? jobLock, string setAside, CancellationToken cancellationToken)
    {
        await using var connection = await RestoreConnection.OpenAsync(request.Target, cancellationToken);
        await using var maintenance = await RestoreConnection.OpenAsync(request.Target.WithDatabase(JobLock.MaintenanceDatabase), cancellationToken);
        var (name, previous) = await FindAsync(maintenance, request.Target, cancellationToken);
        var target = await TargetFacts.ReadAsync(connection, cancellationToken);
        SwapRules.Check(request, target, jobLock);
        var attributes = await DatabaseAttributes.ReadAsync(maintenance, request.Target.Database, cancellationToken);
        var latest = await RestoreMarker.LatestAsync(connection, cancellationToken);
        var plan = new UndoPlan(request.Target, name, previous.At, previous.Backup, setAside, target.Connections)
        {
            Warning = latest is { } other && previous.RequestId is not null && previous.RequestId != other.RequestId
                ? $"'{other.Backup}' was restored otherwise since, and goes with what is there"
                : null,
        };
        return new Undo(plan, previous, new DatabaseMarker
        {
            Deepsight = DatabaseMarker.Previous,
            Database = request.Target.Database,
            At = await PreviousDatabases.NextAsync(maintenance, request.Target.Database, clock, cancellationToken),
            Comment = attributes.Comment,
        });
    }

    private static void RequireSame(Undo shown, Undo now)
    {
        if (shown.Plan.Previous != now.Plan.Previous || shown.Plan.Warning != now.Plan.Warning)
            throw new DeepSightException(FailureKind.Refused, $"'{now.Plan.Target.Display}' has changed since the plan was shown: something was restored or undone. Nothing was touched.",
                "run it again, and look at the new plan.");
    }

    /// <param name="Previous">What the database that comes back says of itself.</param>
    /// <param name="Present">What the one that is set aside will say.</param>
    private sealed record Undo(UndoPlan Plan, DatabaseMarker Previous, DatabaseMarker Present);

    /// <summary>The newest that a swap of this very database left.</summary>
    private static async Task<(string Name, DatabaseMarker Marker)> FindAsync(NpgsqlConnection connection, DatabaseUrl target, CancellationToken cancellationToken)
    {
        var found = await PreviousDatabases.ListAsync(connection, target.Database, cancellationToken);
        return found.Count > 0 ? found[0] : throw new DeepSightException(FailureKind.NothingToDo,
            $"There is nothing to undo: no database that a swap of '{target.Display}' replaced is kept.",
            "a restore in place is undone by restoring its pre-restore backup: `deepsight list` shows it.");
    }
}

/// <summary>What an undo will do.</summary>
/// <param name="Previous">The database that comes back, by its present name.</param>
/// <param name="ReplacedAt">When the restore took it away, UTC.</param>
/// <param name="Backup">What that restore put in its place.</param>
/// <param name="SetAside">The name that the present database gets.</param>
/// <param name="Connections">Sessions that will be ended.</param>
public sealed record UndoPlan(DatabaseUrl Target, string Previous, DateTimeOffset ReplacedAt, string? Backup, string SetAside, int Connections)
{
    /// <summary>What else goes with the present database; null when it is what the swap put there.</summary>
    public string? Warning { get; init; }
}

/// <summary>Which restore to undo.</summary>
/// <param name="Confirm">The target may be production.</param>
/// <param name="Stores">Where the run record goes.</param>
/// <param name="Trigger">For the run record: <c>command</c>.</param>
public sealed record UndoRequest(DatabaseUrl Target, bool Confirm, bool DryRun, IReadOnlyList<IBackupStore> Stores, string Trigger)
{
    /// <summary>Replication slots and subscriptions of the present database are dropped.</summary>
    public bool DropReplication { get; init; }

    /// <summary>The request that it answers; or null.</summary>
    public RunOrder? Order { get; init; }
}

/// <summary>What <c>GET plan/undo</c> answers.</summary>
/// <param name="Previous">The database that comes back, by its present name.</param>
/// <param name="SetAside">The name that the present database gets; another one each time.</param>
/// <param name="Production">The pattern of production hosts that the target matches; null when it is none.</param>
public sealed record UndoPlanReport(string Target, string Previous, DateTimeOffset ReplacedAt, string? Backup, string SetAside, int Connections, string? Warning, string? Production)
{
    public static UndoPlanReport Of(UndoPlan plan, RestoreSettings settings) => new(plan.Target.Target, plan.Previous, plan.ReplacedAt, plan.Backup, plan.SetAside,
        plan.Connections, plan.Warning, ProductionHosts.Match(plan.Target, settings.ProductionHosts));
}

/// <summary>What an undo came to.</summary>
/// <param name="Unavailable">How long nobody could use the database; null for a dry run.</param>
/// <param name="Notes">What else the operator should know.</param>
public sealed record UndoResult(UndoPlan Plan, TimeSpan? Unavailable, IReadOnlyList<string> Notes);
