using DeepSight.Core.Dumps;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>Jobs that are at work on the stores now, by their records: what they read must not go, nor what they write.</summary>
internal sealed class ActiveRuns(RunHistory history, TimeProvider clock)
{
    /// <summary>A running job renews its record every few minutes: what was not touched for this long need not be read.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromDays(1);

    private readonly HashSet<string> ended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunRecord> active = new(StringComparer.Ordinal);

    /// <summary>Jobs that write a backup, alone or on their way, are running.</summary>
    public bool AreWriting => active.Values.Any(run => run.Job is JobNames.Backup or JobNames.Restore or JobNames.Migrate);

    /// <summary>The backups that a restore or a drill is reading, each with what to say about it.</summary>
    public IReadOnlyDictionary<BackupName, string> Sources(string stem) => (
        from run in active.Values
        where run is { Job: JobNames.Restore or JobNames.Verify, Backup: not null }
        let name = BackupName.TryParse(run.Backup!, stem)
        where name is not null
        group run by name).ToDictionary(runs => runs.Key, runs => $"in use by the {runs.First().Job} {runs.First().Id}");

    /// <summary>Adds those of a listing.</summary>
    public async Task AddAsync(IBackupStore store, IEnumerable<(RunName Name, StoredObject File)> runs, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var (name, file) in runs)
        {
            if (name.Job == JobNames.Retention || ended.Contains(name.ObjectName)) continue;
            if (name.StartedAt < now - Silent && file.LastModified < now - Silent) continue;

            if (await TryReadAsync(store, name.ObjectName, cancellationToken) is { } record && record.IsAliveAt(now)) active[name.ObjectName] = record;
            else ended.Add(name.ObjectName);
        }
    }

    /// <summary>A record that can't be read tells of no job: `deepsight runs` shows it.</summary>
    private async Task<RunRecord?> TryReadAsync(IBackupStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await history.ReadAsync(store, name, cancellationToken);
        }
        catch (DeepSightException e) when (e.Kind == FailureKind.Corrupt)
        {
            return null;
        }
    }

    /// <summary>The same as <see cref="Sources"/>, with those that started since: looked for only in the folders of today and of the day of <paramref name="since"/>.</summary>
    public async Task<IReadOnlyDictionary<BackupName, string>> SourcesNowAsync(IBackupStore store, string stem, DateTimeOffset since, CancellationToken cancellationToken)
    {
        foreach (var folder in new[] { since, clock.GetUtcNow() }.Select(RunName.FolderOf).Distinct())
        {
            var runs = await store.ListAsync(folder, cancellationToken)
                .Select(file => (Name: RunName.TryParse(file.Name), File: file))
                .Where(run => run.Name is not null)
                .Select(run => (run.Name!, run.File))
                .ToListAsync(cancellationToken);
            await AddAsync(store, runs, cancellationToken);
        }

        return Sources(stem);
    }
}
