using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Runs;

/// <summary>Reads what <see cref="RunJournal"/> wrote, over all stores: one that ran over two stores is one run.</summary>
public sealed class RunHistory(TimeProvider clock)
{
    private const int ReadsAtOnce = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Recent = TimeSpan.FromDays(30);

    /// <summary>
    /// The newest runs first. A run whose process died shows as <see cref="RunStatus.Lost"/>. A store that can't be listed and a
    /// record that can't be read are reported beside the others.
    /// </summary>
    /// <param name="most">How many, at most; only these are read.</param>
    /// <param name="chooses">By name, before anything is read.</param>
    public Task<(IReadOnlyList<RunRecord> Runs, IReadOnlyList<DeepSightException> Failures)> ListAsync(
        IReadOnlyList<IBackupStore> stores, int most, Func<RunName, bool> chooses, CancellationToken cancellationToken) =>
        ListAsync(stores, 0, most, chooses, cancellationToken);

    /// <param name="offset">How many of the chosen ones to pass over.</param>
    public async Task<(IReadOnlyList<RunRecord> Runs, IReadOnlyList<DeepSightException> Failures)> ListAsync(
        IReadOnlyList<IBackupStore> stores, int offset, int most, Func<RunName, bool> chooses, CancellationToken cancellationToken)
    {
        // Most ask for the newest few, and the records of years are many.
        var recent = RunName.FolderOf(clock.GetUtcNow() - Recent);
        var (found, failures) = await NamesAsync(stores, async store =>
        {
            var newest = await ChosenAsync(store, recent);
            return newest.Count - offset >= most ? newest : await ChosenAsync(store, "");
        });
        return await ReadAsync([.. found.Skip(offset).Take(most)], failures, cancellationToken);

        async Task<List<RunName>> ChosenAsync(IBackupStore store, string after) => [.. (await NamesAsync(store, after, cancellationToken)).Where(chooses)];
    }

    /// <summary>The run of this id.</summary>
    /// <exception cref="DeepSightException">There is none, or a store could not be read.</exception>
    public async Task<RunRecord> GetAsync(IReadOnlyList<IBackupStore> stores, string id, CancellationToken cancellationToken)
    {
        var (runs, failures) = await ListAsync(stores, 1, name => name.Id == id, cancellationToken);
        return runs is [var run] ? run : throw (failures.Count > 0 ? failures[0] : new DeepSightException(FailureKind.NothingToDo,
            $"There is no run '{id}'.", "`deepsight runs` shows those that there are; their records go with the backups of their time."));
    }

    /// <summary>A run as it is now, and again every second until it has ended; the last one is its end.</summary>
    /// <param name="patience">How long to wait for the record of a request that no host has taken up yet.</param>
    /// <exception cref="DeepSightException">There is no such run, or no store holds its record any more.</exception>
    public async IAsyncEnumerable<RunRecord> FollowAsync(
        IReadOnlyList<IBackupStore> stores, string id, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = await FindAsync(stores, id, patience, cancellationToken);
        yield return run;
        while (run.Status == RunStatus.Running)
        {
            await Task.Delay(Pause, clock, cancellationToken);
            yield return run = await ReadAsync(stores, run.ObjectName, cancellationToken)
                ?? throw new DeepSightException(FailureKind.NothingToDo, $"The record of the run '{id}' is gone.", "was it deleted meanwhile? `deepsight runs` shows what there is.");
        }
    }

    private async Task<RunRecord> FindAsync(IReadOnlyList<IBackupStore> stores, string id, TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var began = clock.GetTimestamp(); ; await Task.Delay(Pause, clock, cancellationToken))
        {
            try
            {
                return await GetAsync(stores, id, cancellationToken);
            }
            catch (DeepSightException e) when (e.Kind == FailureKind.NothingToDo && clock.GetElapsedTime(began) < patience)
            {
                // Not yet.
            }
        }
    }

    /// <summary>One record from the first store that has it; null when none has.</summary>
    private async Task<RunRecord?> ReadAsync(IReadOnlyList<IBackupStore> stores, string objectName, CancellationToken cancellationToken)
    {
        foreach (var store in stores)
            if (await ReadAsync(store, objectName, cancellationToken) is { } run) return run;
        return null;
    }

    /// <summary>The names of all records, newest first, one of each run; and the stores that can't be listed.</summary>
    internal static Task<(IReadOnlyList<(IBackupStore Store, RunName Name)> Runs, IReadOnlyList<DeepSightException> Failures)> NamesAsync(
        IReadOnlyList<IBackupStore> stores, CancellationToken cancellationToken) =>
        NamesAsync(stores, store => NamesAsync(store, "", cancellationToken));

    private static async Task<(IReadOnlyList<(IBackupStore Store, RunName Name)> Runs, IReadOnlyList<DeepSightException> Failures)> NamesAsync(
        IReadOnlyList<IBackupStore> stores, Func<IBackupStore, Task<List<RunName>>> list)
    {
        var failures = new ConcurrentQueue<DeepSightException>();
        var found = await Task.WhenAll(stores.Select(async store =>
        {
            try
            {
                return (await list(store)).Select(name => (store, name));
            }
            catch (DeepSightException e)
            {
                failures.Enqueue(e);
                return [];
            }
        }));
        return ([.. found.SelectMany(names => names).DistinctBy(run => run.name.ObjectName).OrderByDescending(run => run.name.ObjectName, StringComparer.Ordinal)], [.. failures]);
    }

    private static async Task<List<RunName>> NamesAsync(IBackupStore store, string after, CancellationToken cancellationToken) =>
        await store.ListAsync(RunName.Folder, after, cancellationToken).Select(item => RunName.TryParse(item.Name)).OfType<RunName>().ToListAsync(cancellationToken);

    /// <summary>These records, newest first, those of one second too, which their names don't tell apart; those that can't be read are added to the failures.</summary>
    internal async Task<(IReadOnlyList<RunRecord> Runs, IReadOnlyList<DeepSightException> Failures)> ReadAsync(
        IReadOnlyList<(IBackupStore Store, RunName Name)> names, IReadOnlyList<DeepSightException> before, CancellationToken cancellationToken)
    {
        var failures = new ConcurrentQueue<DeepSightException>(before);
        var runs = new RunRecord?[names.Count];
        await Parallel.ForAsync(0, names.Count, new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken },
            async (i, token) =>
            {
                try
                {
                    runs[i] = await ReadAsync(names[i].Store, names[i].Name.ObjectName, token);
                }
                catch (DeepSightException e)
                {
                    failures.Enqueue(e);
                }
            });
        return ([.. runs.OfType<RunRecord>().OrderByDescending(run => run.StartedAt)], [.. failures]);
    }

    /// <summary>One record as it is now; null when it is gone.</summary>
    /// <exception cref="DeepSightException">It is not JSON of a version known here, or the store failed.</exception>
    internal async Task<RunRecord?> ReadAsync(IBackupStore store, string objectName, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await store.OpenReadAsync(objectName, 0, null, cancellationToken);
            var record = await Json.ReadAsync<RunRecord>(content, cancellationToken);
            if (record is { SchemaVersion: <= RunRecord.CurrentSchemaVersion } && record.ObjectName == objectName) return record.AsOf(clock.GetUtcNow());
        }
        catch (DeepSightException e) when (e.Kind == FailureKind.NothingToDo)
        {
            return null; // deleted by a retention meanwhile
        }
        catch (DeepSightException e) when (e.Kind == FailureKind.Corrupt)
        {
            return await ReadAsync(store, objectName, cancellationToken); // renewed between the two requests: look again
        }
        catch (JsonException e)
        {
            throw Unreadable(e);
        }

        throw Unreadable(null);

        DeepSightException Unreadable(Exception? inner) => new(FailureKind.Corrupt,
            $"The run record '{objectName}' in {store.Location} can't be read.", "it was written by a newer version, or altered.", inner);
    }
}

/// <summary>What <c>runs --json</c> prints and <c>GET runs</c> answers.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="Failures">A line for each store that could not be asked.</param>
public sealed record RunPage(IReadOnlyList<RunRecord> Runs, IReadOnlyList<string> Failures);
