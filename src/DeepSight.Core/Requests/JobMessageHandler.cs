using DeepSight.Core.Backup;
using DeepSight.Core.Catalog;
using DeepSight.Core.Drills;
using DeepSight.Core.Dumps;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Requests;

/// <summary>
/// Does what a message of <see cref="JobMessage.Queue"/> asks for, once, however often it comes. What fails or is refused is recorded and
/// consumed; only an interruption of the host is thrown on, so that the message comes back.
/// </summary>
public sealed class JobMessageHandler(SettingsErrors errors, DatabaseSettings database, BackupStores stores, JobRequests requests, BackupJob backups, DrillJob drills,
    UndoJob undo, RunJournal runs, RunHistory history, TimeProvider clock, ILogger<JobMessageHandler> log)
{
    /// <summary>How long to wait for another host that has the same message.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="text">As it came from the queue.</param>
    /// <param name="sentAt">When it was put there.</param>
    /// <exception cref="OperationCanceledException">The host is stopping: the message must come back.</exception>
    /// <exception cref="DeepSightException">The store can't be reached: nothing was begun, the message may come back.</exception>
    public async Task HandleAsync(string text, DateTimeOffset sentAt, CancellationToken cancellationToken)
    {
        var kept = stores.Kept;
        if (Read(text, sentAt) is not { } message) return;

        await using var claim = await RequestClaim.TakeAsync(kept[0], message.RequestId, message.Asked(), Patience, clock, cancellationToken);
        if (claim is null)
        {
            log.LogWarning("The request {Id} came twice; another host is working on it.", message.RequestId);
            return;
        }

        var order = new RunOrder(message.RequestId, claim.ClaimedAt, message.RequestedBy);
        var earlier = claim.IsNew ? null : await history.ReadAsync(kept[0], runs.Start(message.Job, Triggers.Queue, null, order).ObjectName, cancellationToken);
        if (earlier is { FinishedAt: not null, Status: not RunStatus.Cancelled })
            log.LogInformation("The request {Id} came again; it was done before.", message.RequestId);
        else
            await DoAsync(message, order, Refusal(message, claim, earlier), kept, cancellationToken);
    }

    /// <summary>Nothing can be recorded of what says neither its job nor its id.</summary>
    private JobMessage? Read(string text, DateTimeOffset sentAt)
    {
        try
        {
            return requests.ReadMessage(text, sentAt);
        }
        catch (DeepSightException e)
        {
            log.LogError("A message of {Queue} was not taken: {Reason} {Hint}", JobMessage.Queue, e.Message, e.Hint);
            return null;
        }
    }

    private DeepSightException? Refusal(JobMessage message, RequestClaim claim, RunRecord? earlier)
    {
        if (claim.IsOfAnother)
            return new DeepSightException(FailureKind.InvalidInput, $"The request has the id '{message.RequestId}', under which another one was taken before.",
                "send it again with a request_id of its own.");
        if (message.ExpiresAt <= clock.GetUtcNow())
            return new DeepSightException(FailureKind.Refused, FormattableString.Invariant($"The request expired at {message.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC."),
                "make a new one, when it is still wanted.");
        // It may have swapped before its host died, and a second one would swap back.
        return message.Job == JobNames.Undo && earlier is not null
            ? new DeepSightException(FailureKind.Failed, "The host was interrupted during this undo; it is not repeated by itself.", "look at the plan of an undo, and ask again if it is still wanted.")
            : null;
    }

    private async Task DoAsync(JobMessage message, RunOrder order, DeepSightException? refusal, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken)
    {
        try
        {
            if (refusal is not null) await RefuseAsync(message, order, refusal, kept, cancellationToken);
            errors.ThrowIfAny();
            await RunAsync(message, order, kept, cancellationToken);
            log.LogInformation("The request {Id} for {Job} is done.", message.RequestId, message.Job);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            log.LogError("The request {Id} for {Job} failed: {Reason} {Hint}", message.RequestId, message.Job, e.Message, (e as DeepSightException)?.Hint);
        }
    }

    private Task<bool> RefuseAsync(JobMessage message, RunOrder order, DeepSightException refusal, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken) =>
        runs.RecordAsync<bool>(kept, runs.Start(message.Job, Triggers.Queue, null, order) with { Backup = message.Backup }, () => throw refusal,
            static (record, _) => record, cancellationToken);

    private async Task RunAsync(JobMessage message, RunOrder order, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken)
    {
        switch (message.Job)
        {
            case JobNames.Backup:
                await backups.RunAsync(new BackupRequest(database.ForJobs(), BackupKind.Manual, stores.ForSchedule(), Triggers.Queue) { Order = order }, null, cancellationToken);
                break;
            case JobNames.Verify:
                await VerifyAsync(message, order, kept, cancellationToken);
                break;
            default:
                await undo.RunAsync(new UndoRequest(database.ForJobs(), message.Confirm, DryRun: false, kept, Triggers.Queue) { Order = order },
                    (plan, _) => plan.Previous == message.Previous ? Task.CompletedTask : throw Changed(message, plan), cancellationToken);
                break;
        }
    }

    private async Task VerifyAsync(JobMessage message, RunOrder order, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken)
    {
        var server = database.ForDrills() ?? throw new DeepSightException(FailureKind.InvalidInput, "There is no server to restore on: VERIFY_DATABASE_URL is not set.");
        var backup = await stores.GetAsync(message.Backup!, cancellationToken);
        var (catalog, entry) = backup.Places.FirstOrDefault(place => place.Entry.IsGood, backup.Places[0]);
        await drills.RestoreAsync(new DrillRequest(catalog, entry, kept, Triggers.Queue) { Order = order }, server, null, cancellationToken);
    }

    private static DeepSightException Changed(JobMessage message, UndoPlan plan) => new(FailureKind.Refused,
        $"'{plan.Target.Display}' has changed since the plan was shown: '{plan.Previous}' would come back, not '{message.Previous}'. Nothing was touched.",
        "look at the new plan, and ask again if it is still wanted.");
}
