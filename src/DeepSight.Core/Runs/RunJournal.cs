using System.Collections.Concurrent;
using DeepSight.Core.Storage;
using Microsoft.Extensions.Logging;

namespace DeepSight.Core.Runs;

/// <summary>Writes the records of jobs into the stores that the jobs work on.</summary>
public sealed class RunJournal(TimeProvider clock, ILogger<RunJournal> logger, IEnumerable<IRunObserver> observers)
{
    /// <summary>For one record in one store: a store that is down must not keep a job from ending.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>For all observers of one run: what takes longer they do on their own.</summary>
    private static readonly TimeSpan ObserversTime = TimeSpan.FromSeconds(10);

    /// <summary>Without anybody to tell.</summary>
    public RunJournal(TimeProvider clock, ILogger<RunJournal> logger) : this(clock, logger, [])
    {
    }

    /// <summary>Runs a job between its two records. Whatever ends the job is recorded and then thrown on, unchanged.</summary>
    /// <param name="started">The record as it is at the start.</param>
    /// <param name="describe">Adds to the record what the job's result tells.</param>
    public Task<T> RecordAsync<T>(IReadOnlyList<IBackupStore> stores, RunRecord started, Func<Task<T>> job,
        Func<RunRecord, T, RunRecord> describe, CancellationToken cancellationToken) =>
        RecordAsync(stores, started, _ => job(), describe, cancellationToken);

    /// <summary>The same for a job that reports its progress, which its record shows while it runs.</summary>
    public async Task<T> RecordAsync<T>(IReadOnlyList<IBackupStore> stores, RunRecord started, Func<IProgress<RunProgress>, Task<T>> job,
        Func<RunRecord, T, RunRecord> describe, CancellationToken cancellationToken)
    {
        using var span = JobTelemetry.Begin(started);
        var failed = new ConcurrentDictionary<IBackupStore, bool>();
        await using var running = new RunHeartbeat(record => WriteAsync(stores, record, failed), started, clock, cancellationToken);
        T result;
        try
        {
            result = await job(running);
        }
        catch (Exception e)
        {
            await EndAsync(() => Failed(started, e));
            throw;
        }

        await EndAsync(() => describe(started with { Status = RunStatus.Succeeded, ExitCode = ExitCodes.Done }, result));
        return result;

        // The job has ended by now, whatever becomes of its record.
        async Task EndAsync(Func<RunRecord> record)
        {
            try
            {
                var ended = await running.EndAsync(record());
                JobTelemetry.End(span, ended);
                await TellAsync(ended, stores);
            }
            catch (Exception e)
            {
                logger.LogWarning("The end of the run {Run} could not be recorded: {Reason}", started.Id, Reason(e));
            }
        }
    }

    /// <summary>A new record for a job that starts now.</summary>
    /// <param name="order">What asked for it; null where nothing did that has an id.</param>
    public RunRecord Start(string job, string trigger, string? databaseId, RunOrder? order = null) => new()
    {
        Id = order?.Id ?? Guid.NewGuid().ToString("N")[..8],
        Job = job,
        Trigger = trigger,
        Status = RunStatus.Running,
        StartedAt = order?.At ?? clock.GetUtcNow(),
        RequestedBy = order?.By,
        DatabaseId = databaseId,
        ToolVersion = ToolVersion.Current,
    };

    private static RunRecord Failed(RunRecord started, Exception e)
    {
        var failure = e as DeepSightException;
        return started with
        {
            Status = failure?.Kind switch
            {
                FailureKind.Refused or FailureKind.InvalidInput => RunStatus.Refused,
                FailureKind.Busy => RunStatus.Busy,
                _ => e is OperationCanceledException ? RunStatus.Cancelled : RunStatus.Failed,
            },
            Error = e is OperationCanceledException and not CancelledMidwayException ? "It was told to stop before it was done." : Reason(e),
            Hint = failure?.Hint,
            ExitCode = e is OperationCanceledException ? ExitCodes.Cancelled : (int)(failure?.Kind ?? FailureKind.Failed),
        };
    }

    private async Task TellAsync(RunRecord ended, IReadOnlyList<IBackupStore> stores)
    {
        // Not the job's token: of a cancelled job there may be something to tell.
        using var limit = new CancellationTokenSource(ObserversTime);
        foreach (var observer in observers)
        {
            try
            {
                await observer.EndedAsync(ended, stores, limit.Token);
            }
            catch (Exception e)
            {
                // Who is told must not decide how the job ends.
                logger.LogWarning("{Observer} was not told of the run {Run}: {Reason}", observer.GetType().Name, ended.Id,
                    e is DeepSightException or OperationCanceledException ? e.Message : e.GetType().Name);
            }
        }
    }

    private Task WriteAsync(IReadOnlyList<IBackupStore> stores, RunRecord record, ConcurrentDictionary<IBackupStore, bool> failed)
    {
        var content = Json.ToUtf8(record);
        return Task.WhenAll(stores.Select(store => WriteAsync(store, record.ObjectName, content, failed)));
    }

    private async Task WriteAsync(IBackupStore store, string name, byte[] content, ConcurrentDictionary<IBackupStore, bool> failed)
    {
        try
        {
            // Not the job's token: a cancelled job still leaves its record.
            using var limit = new CancellationTokenSource(Patience, clock);
            await store.ReplaceAsync(name, content, limit.Token);
        }
        catch (Exception e)
        {
            // The record tells of the job; it must not decide how the job ends. One that can't be written is told of once.
            if (failed.TryAdd(store, true))
                logger.LogWarning("The run record '{Name}' could not be written to {Store}: {Reason}", name, store.Location,
                    e is OperationCanceledException ? $"no success within {Patience.TotalSeconds:0} seconds" : Reason(e));
        }
    }

    /// <summary>Only our own messages are known to hold no secret.</summary>
    private static string Reason(Exception e) => e is DeepSightException or CancelledMidwayException ? e.Message : e.GetType().Name;
}

/// <summary>Is told of every run's end, after its record was written. What it throws never reaches the job.</summary>
public interface IRunObserver
{
    /// <param name="stores">Where the run's record is, and those before it.</param>
    Task EndedAsync(RunRecord run, IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken);
}
