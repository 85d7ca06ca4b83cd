using DeepSight.Core.Backup;
using DeepSight.Core.Postgres;
using DeepSight.Core.Restore.Databases;
using DeepSight.Core.Restore.Sources;
using DeepSight.Core.Runs;
using DeepSight.Core.Settings;
using DeepSight.Core.Storage;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Restore.Requests;

/// <summary>
/// Does what a message of the queue asks for, once, however often it comes. What fails or is refused is recorded and consumed: it
/// would never get better. Only an interruption of the host is thrown on, so that the message comes back.
/// </summary>
public sealed class RestoreMessageHandler(DeepSightSettings settings, RestoreRequests requests, RestoreSources sources, RestoreJob job,
    BackupStores stores, RunJournal runs, RunHistory history, TimeProvider clock, ILogger<RestoreMessageHandler> log)
{
    private const string Trigger = "queue";

    private TimeSpan Patience => TimeSpan.FromMinutes(settings.Restore.LockWaitMinutes);

    /// <param name="text">As it came from the queue.</param>
    /// <param name="sentAt">When it was put there.</param>
    /// <exception cref="OperationCanceledException">The host is stopping: the message must come back.</exception>
    /// <exception cref="DeepSightException">The settings are wrong or the store can't be reached: nothing was begun, the message may come back.</exception>
    public async Task HandleAsync(string text, DateTimeOffset sentAt, CancellationToken cancellationToken)
    {
        settings.ThrowIfInvalid();
        var kept = stores.ForSchedule();
        if (Read(text, sentAt, out var problem) is not { } message)
        {
            await RecordAsync(kept, NewRecord(RestoreRequests.FindRequestId(text), clock.GetUtcNow()), () => throw problem!, cancellationToken);
            return;
        }

        await using var claim = await RestoreClaim.TakeAsync(kept[0], message.RequestId, Patience, clock, cancellationToken);
        if (claim is null) log.LogWarning("The restore request {Id} came twice; another host is working on it.", message.RequestId);
        else if (!claim.IsNew && await IsDoneAsync(kept[0], NewRecord(message.RequestId, claim.ClaimedAt), cancellationToken))
            log.LogInformation("The restore request {Id} came again; it was done before.", message.RequestId);
        else await DoAsync(message, claim, kept, cancellationToken);
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

    private async Task DoAsync(RestoreMessage message, RestoreClaim claim, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken)
    {
        var target = settings.Database.ForJobs();
        var record = NewRecord(message.RequestId, claim.ClaimedAt) with { Backup = message.Backup, RequestedBy = message.RequestedBy, DatabaseId = target.DatabaseId };
        // Taken up again after a crash: it may have been published, and then only its record is missing.
        if (!claim.IsNew && await WasPublishedAsync(message, target, cancellationToken))
        {
            await RecordAsync(kept, record, static () => { }, cancellationToken, "the host was interrupted after the restore was published; the record was finished later.");
            return;
        }

        if (NotDue(message) is { } refusal) await RecordAsync(kept, record, () => throw refusal, cancellationToken);
        else await RestoreAsync(message, claim, target, kept, cancellationToken);
    }

    /// <summary>The job records itself, whichever way it ends.</summary>
    private async Task RestoreAsync(RestoreMessage message, RestoreClaim claim, DatabaseUrl target, IReadOnlyList<IBackupStore> kept, CancellationToken cancellationToken)
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
            LockWait = Patience,
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

    /// <summary>The marker was renamed into place, or committed, with the content; after an undo the set-aside database has it.</summary>
    private static async Task<bool> WasPublishedAsync(RestoreMessage message, DatabaseUrl target, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await PostgresServer.ConnectAsync(message.Into is { } name ? target.WithDatabase(name) : target, "deepsight restore", cancellationToken);
            return await RestoreMarker.ExistsAsync(connection, message.RequestId, cancellationToken)
                || (await PreviousDatabases.ListAsync(connection, target.Database, cancellationToken)).Any(previous => previous.Marker.RequestId == message.RequestId);
        }
        catch (DeepSightException e) when (e.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.InvalidCatalogName })
        {
            return false;
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

    private RunRecord NewRecord(string? requestId, DateTimeOffset at)
    {
        var record = runs.Start("restore", Trigger, null);
        return record with { Id = requestId ?? record.Id, StartedAt = at };
    }
}
