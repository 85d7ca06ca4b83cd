using DeepSight.Core.Catalog;
using DeepSight.Core.Databases;
using DeepSight.Core.Postgres;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Restore.Requests;

/// <summary>
/// Does what a message of the queue asks for, once, however often it comes. What fails or is refused is recorded and consumed: it
/// would never get better. Only an interruption of the host is thrown on, so that the message comes back.
/// </summary>
public sealed class RestoreMessageHandler(SettingsErrors errors, DatabaseSettings database, RestoreSettings settings, RestoreRequests requests,
    RestoreSources sources, RestoreJob job, BackupStores stores, RunJournal runs, RunHistory history, TimeProvider clock, ILogger<RestoreMessageHandler> log)
{
    private const string Trigger = Triggers.Queue;

    private TimeSpan Patience => TimeSpan.FromMinutes(settings.LockWaitMinutes);

    /// <param name="text">As it came from the queue.</param>
    /// <param name="sentAt">When it was put there.</param>
    /// <exception cref="OperationCanceledException">The host is stopping: the message must come back.</exception>
    /// <exception cref="DeepSightException">The store can't be reached: nothing was begun, the message may come back.</exception>
    public async Task HandleAsync(string text, DateTimeOffset sentAt, CancellationToken cancellationToken)
    {
        if (FaultOfSettings(out var kept) is { } fault)
        {
            var asked = Read(text, sentAt, out _);
            await RecordAsync(kept, NewRecord(asked?.RequestId ?? RestoreRequests.FindRequestId(text), clock.GetUtcNow()) with { Backup = asked?.Backup, RequestedBy = asked?.RequestedBy },
                () => throw fault, cancellationToken);
            return;
        }

        if (Read(text, sentAt, out var problem) is not { } message)
        {
            await RecordAsync(kept, NewRecord(RestoreRequests.FindRequestId(text), clock.GetUtcNow()), () => throw problem!, cancellationToken);
            return;
        }

        await using var claim = await RequestClaim.TakeAsync(kept[0], message.RequestId, message.Asked(), Patience, clock, cancellationToken);
        if (claim is { IsOfAnother: true }) await RecordAsync(kept, RecordOf(message, clock.GetUtcNow()) with { Id = NewRecord(null, clock.GetUtcNow()).Id }, () => throw IdTaken(message), cancellationToken);
        else if (claim is null) log.LogWarning("The restore request {Id} came twice; another host is working on it.", message.RequestId);
        else if (!claim.IsNew && await IsDoneAsync(kept[0], NewRecord(message.RequestId, claim.ClaimedAt), cancellationToken))
            log.LogInformation("The restore request {Id} came again; it was done before.", message.RequestId);
        else await DoAsync(message, claim, kept, cancellationToken);
    }

    /// <summary>It would be the same however often the message came: it is recorded in the stores that there are.</summary>
    private DeepSightException? FaultOfSettings(out IReadOnlyList<IBackupStore> kept)
    {
        kept = [stores.Local];
        try
        {
            kept = stores.Kept;
            errors.ThrowIfAny();
            database.ForJobs();
            kept = stores.ForSchedule();
            return null;
        }
        catch (DeepSightException e)
        {
            return e;
        }
    }

    /// <summary>A run that its host's end cancelled is to be taken up again.</summary>
    private async Task<bool> IsDoneAsync(IBackupStore store, RunRecord record, CancellationToken cancellationToken) =>
        await history.ReadAsync(store, record.ObjectName, cancellationToken) is { FinishedAt: not null, Status: not RunStatus.Cancelled };

    private RestoreMessage? Read(string text, DateTimeOffset sentAt, out DeepSightException? problem)
    {
        problem = null;
        try
        {
            return requests.ReadMessage(text, sentAt);
        }
        catch (DeepSightException e)
        {
            problem = e;
            return null;
        }
    }

    private async Task DoAsync(RestoreMessage message, RequestClaim claim, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken)
    {
        var target = database.ForJobs();
        var record = RecordOf(message, claim.ClaimedAt);
        // Taken up again after a crash: it may have been published, and then only its record is missing, and what comes behind.
        if (!claim.IsNew && await Publication.FindAsync(message, target, cancellationToken) is { } published)
        {
            IReadOnlyList<string> cleared = published.Previous is { } previous
                ? await ReplicationCleanup.RunAsync(target.WithDatabase(previous), message.DropReplication, cancellationToken)
                : [];
            await RecordAsync(kept, record, static () => { }, cancellationToken, ["the host was interrupted after the restore was published; the record was finished later.", .. cleared]);
            return;
        }

        if (NotDue(message) is { } refusal) await RecordAsync(kept, record, () => throw refusal, cancellationToken);
        else await RestoreAsync(message, claim, target, kept, cancellationToken);
    }

    /// <summary>The job records itself, whichever way it ends.</summary>
    private async Task RestoreAsync(RestoreMessage message, RequestClaim claim, DatabaseUrl target, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken)
    {
        var request = new RestoreRequest(message)
        {
            Target = target,
            Source = token => sources.FromStoresAsync(message.Backup, token),
            Stores = kept,
            Trigger = Trigger,
            RequestId = message.RequestId,
            RequestedAt = claim.ClaimedAt,
            RequestedBy = message.RequestedBy,
            // Who waits beyond its end restores a request that has expired.
            LockWait = message.ExpiresAt - clock.GetUtcNow() is var left && left < Patience ? left : Patience,
        };
        try
        {
            var result = await job.RunAsync(request, null, null, cancellationToken);
            log.LogInformation("The restore request {Id} is done: {Backup} is in '{Database}', {Rows} rows.",
                message.RequestId, message.Backup, result.Plan.ResultName, result.Rows);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            log.LogError("The restore request {Id} failed: {Reason} {Hint}", message.RequestId, e.Message, (e as DeepSightException)?.Hint);
        }
    }

    private static DeepSightException IdTaken(RestoreMessage message) => new(FailureKind.InvalidInput,
        $"The restore request of '{message.Backup}' has the id '{message.RequestId}', under which another one was taken before.",
        "send it again with a request_id of its own; `deepsight enqueue restore` makes one.");

    private DeepSightException? NotDue(RestoreMessage message)
    {
        try
        {
            requests.EnsureDue(message);
            return null;
        }
        catch (DeepSightException e)
        {
            return e;
        }
    }

    private async Task RecordAsync(IReadOnlyList<IBackupStore> kept, RunRecord record, Action end, CancellationToken cancellationToken, params string[] warnings)
    {
        try
        {
            await runs.RecordAsync(kept, record, () =>
            {
                end();
                return Task.FromResult(warnings);
            }, static (ended, told) => ended with { Warnings = told }, cancellationToken);
        }
        catch (DeepSightException e)
        {
            log.LogError("The restore request {Id} was not taken: {Reason} {Hint}", record.Id, e.Message, e.Hint);
        }
    }

    private RunRecord RecordOf(RestoreMessage message, DateTimeOffset at) => NewRecord(message.RequestId, at) with
    {
        Backup = message.Backup,
        RequestedBy = message.RequestedBy,
        DatabaseId = database.ForJobs().DatabaseId,
    };

    private RunRecord NewRecord(string? requestId, DateTimeOffset at)
    {
        var record = runs.Start(JobNames.Restore, Trigger, null);
        return record with { Id = requestId ?? record.Id, StartedAt = at };
    }
}
