using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Databases;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;
using DeepSight.Core.Dumps.Signing;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Locking;
using DeepSight.Core.Restore.InPlace;
using DeepSight.Core.Restore.Loading;
using DeepSight.Core.Restore.Preflight;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Restore;

/// <summary>Restores a backup. Whatever goes wrong, the database that was there is still there.</summary>
public sealed class RestoreJob(RestoreSettings settings, PostgresClients clients, BackupJob backups, RunJournal runs, TimeProvider clock)
{
    private readonly DumpLoader loader = new(clients);

    /// <summary>Restores, between the two writes of its run record; a dry run goes as far as the plan and records nothing.</summary>
    /// <param name="approve">Sees the plan before anything is touched; its exception ends the restore there. Null approves.</param>
    /// <param name="progress">Is told after every block, or null.</param>
    /// <exception cref="DeepSightException">Nothing was restored, and the target is as it was.</exception>
    public async Task<RestoreResult> RunAsync(RestoreRequest request, Func<RestorePlan, CancellationToken, Task>? approve,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        var (source, refusal) = await FindSourceAsync(request, cancellationToken);
        var record = StartRecord(request, source);
        return request.DryRun
            ? await RunAsync(progress)
            : await runs.RecordAsync(request.Stores, record,
                run => RunAsync(new RecordedProgress<RestoreProgress>(progress, run, static now => now.ForRecord)), Describe, cancellationToken);

        Task<RestoreResult> RunAsync(IProgress<RestoreProgress>? told) => refusal is not null ? throw refusal
            : ServerFailure.ExplainAsync("restore", () => RestoreAsync(request, record.Id, source!, approve, told, cancellationToken));
    }

    /// <summary>First of all, so that the record names the backup from the start: a retention must not delete it meanwhile.</summary>
    private async Task<(DumpSource? Source, DeepSightException? Refusal)> FindSourceAsync(RestoreRequest request, CancellationToken cancellationToken)
    {
        try
        {
            RestoreOptionsCheck.ThrowIfWrong(request);
            ProductionGuard.Check(request.Target, request.Confirm, settings);
            var source = await request.Source(cancellationToken);
            if (!request.AllowUnsigned) TrustedKeys.Require(source);
            await SealedFile.RequireIdentityAsync(source, cancellationToken);
            return (source, null);
        }
        catch (DeepSightException e)
        {
            return (null, e);
        }
    }

    private async Task<RestoreResult> RestoreAsync(RestoreRequest request, string runId, DumpSource source, Func<RestorePlan, CancellationToken, Task>? approve,
        IProgress<RestoreProgress>? progress, CancellationToken cancellationToken)
    {
        // Into: the new database is what is worked on; the target is only a model.
        var locked = request.EffectiveMode == RestoreMode.Into ? request.Target.WithDatabase(DatabaseNames.Checked(request.Into)) : request.Target;
        if (request.DryRun)
        {
            var foreseen = await PlanAsync(null, null);
            if (approve is not null) await approve(foreseen.Plan, cancellationToken);
            return new RestoreResult { Plan = foreseen.Plan, Restored = false };
        }

        var (jobLock, context) = await Approval.AskAsync<RestoreContext>(
            () => JobLock.AcquireAsync(locked, JobNames.Restore, request.LockWait, clock, cancellationToken), PlanAsync,
            approve is null ? null : planned => approve(planned.Plan, cancellationToken), RequireSame);
        await using var held = jobLock;
        var began = clock.GetTimestamp();
        var notes = await PrepareServerAsync(context, cancellationToken);
        var before = context.Plan.BacksUpFirst ? await BackUpFirstAsync(context, cancellationToken) : null;
        var restored = context.Plan.Mode == RestoreMode.InPlace
            ? await new InPlaceRestore(settings, loader, clock).RunAsync(context, cancellationToken)
            : await new NewDatabaseRestore(settings, loader, clock).RunAsync(context, cancellationToken);
        return new RestoreResult
        {
            Plan = context.Plan,
            Restored = true,
            Tables = restored.Summary.Tables.Count,
            Rows = restored.Summary.Rows,
            Inserts = restored.Summary.Inserts,
            SqlBytes = restored.Summary.SqlBytes,
            Sha256 = restored.Sha256,
            PreRestoreBackup = before?.Manifest.Name,
            Elapsed = clock.GetElapsedTime(began),
            Unavailable = restored.Unavailable,
            ToleratedErrors = restored.ToleratedErrors,
            ContentCompared = request.VerifyContent,
            Notes = [.. notes, .. restored.Notes],
        };

        Task<RestoreContext> PlanAsync(JobLock? held, RestoreContext? shown) =>
            new RestorePreflight(settings, clients).RunAsync(request, runId, source, held, shown, progress, cancellationToken);
    }

    /// <summary>What was agreed to is what will be done.</summary>
    private static void RequireSame(RestoreContext shown, RestoreContext now)
    {
        var other = shown.Target?.LastRestore != now.Target?.LastRestore ? "another restore has replaced its content"
            : now.Plan.Warnings.Except(shown.Plan.Warnings).FirstOrDefault()?.TrimEnd('.');
        if (other is not null)
            throw new DeepSightException(FailureKind.Refused, $"'{now.TargetUrl.Display}' has changed since the plan was shown: {other}. Nothing was touched.",
                "run it again, and look at the new plan.");
    }

    /// <summary>What an interrupted restore left behind goes first: it may hold the space that is needed now.</summary>
    private static async Task<IReadOnlyList<string>> PrepareServerAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        var reachable = context.Plan.Mode == RestoreMode.Into ? context.TargetUrl.WithDatabase(JobLock.MaintenanceDatabase) : context.TargetUrl;
        await using var connection = await RestoreConnection.OpenAsync(reachable, cancellationToken);
        var told = await AbandonedDatabases.DropAsync(connection, context.TargetUrl, cancellationToken);
        await AccessReplay.CreateRolesAsync(context, connection, cancellationToken);
        return told;
    }

    /// <summary>Into the store that the source came from, under our lock.</summary>
    private async Task<BackupResult> BackUpFirstAsync(RestoreContext context, CancellationToken cancellationToken)
    {
        try
        {
            context.Report(RestorePhase.BackingUp);
            var stores = context.Source is StoredSource stored ? [stored.Store] : context.Request.Stores;
            var request = new BackupRequest(context.TargetUrl, BackupKind.PreRestore, stores, context.Request.Trigger) { Under = context.Lock };
            return await backups.RunAsync(request, new PreRestoreProgress(context.Progress), cancellationToken);
        }
        catch (DeepSightException e)
        {
            throw new DeepSightException(e.Kind, $"The backup before the restore failed, so nothing was restored: {e.Message}",
                $"{e.Hint} --skip-backup restores without one.".TrimStart(), e);
        }
    }

    private RunRecord StartRecord(RestoreRequest request, DumpSource? source)
    {
        var record = runs.Start(JobNames.Restore, request.Trigger, request.Target.DatabaseId);
        return record with
        {
            Id = request.RequestId ?? record.Id,
            StartedAt = request.RequestedAt ?? record.StartedAt,
            Backup = source?.Name,
            RequestedBy = request.RequestedBy,
            Mode = EnumNames.Of(request.EffectiveMode),
        };
    }

    private static RunRecord Describe(RunRecord record, RestoreResult result) => record with
    {
        Backup = result.Plan.Source.Name,
        StoredBytes = result.Plan.Source.StoredBytes,
        SqlBytes = result.SqlBytes,
        Rows = result.Rows,
        PreRestoreBackup = result.PreRestoreBackup,
        Warnings = [.. result.Plan.Warnings, .. result.Notes],
    };
}
