using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>Retention of one store: listed once, planned, then followed.</summary>
internal sealed class StoreRetention
{
    /// <summary>What an interrupted job left is removed after this; none that still runs is silent for so long.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly IBackupStore store;
    private readonly string stem;
    private readonly RetentionSettings rules;
    private readonly StoreInventory inventory;
    private readonly ActiveRuns active;
    private readonly DateTimeOffset now;
    private readonly List<string> deleted = [];
    private readonly List<string> swept = [];
    private readonly List<string> warnings = [];
    private long freedBytes;
    private int deletedRuns;
    private string? kept;

    private StoreRetention(IBackupStore store, string stem, RetentionSettings rules, StoreInventory inventory, ActiveRuns active,
        IReadOnlyDictionary<BackupName, string> holds, DateTimeOffset now)
    {
        (this.store, this.stem, this.rules, this.inventory, this.active, this.now) = (store, stem, rules, inventory, active, now);
        Plan = RetentionPolicy.Decide(inventory.Decidable.Select(files => files.Entry), holds, rules, now);
    }

    public RetentionPlan Plan { get; }

    public string Location => store.Location;

    public static async Task<StoreRetention> PlanAsync(IBackupStore store, string stem, RetentionSettings rules,
        ActiveRuns active, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var inventory = await StoreInventory.ReadAsync(store, stem, cancellationToken);
        await active.AddAsync(store, inventory.Runs, cancellationToken);
        var holds = new Dictionary<BackupName, string>(active.Sources(stem));
        foreach (var name in inventory.Decidable.Select(files => files.Name))
            if (BackupDeletion.LockOf(store, name, now) is { } locked) holds.TryAdd(name, locked);
        return new StoreRetention(store, stem, rules, inventory, active, holds, now);
    }

    /// <summary>Follows the plan. A failure ends it, and stands in the result beside what was done until then.</summary>
    public async Task<StoreRetentionResult> ApplyAsync(Func<CancellationToken, Task> renewLease, CancellationToken cancellationToken)
    {
        DeepSightException? failure = null;
        try
        {
            await ListAgainAsync(cancellationToken);
            await DeleteBackupsAsync(renewLease, cancellationToken);
            await SweepAsync(cancellationToken);
            await DeleteRunsAsync(renewLease, cancellationToken);
            if (deleted.Count > 0) kept = await store.FindKeptAfterDeletionAsync(cancellationToken);
        }
        catch (DeepSightException e)
        {
            failure = e;
        }

        return Result() with { Deleted = deleted, FreedBytes = freedBytes, KeptByStore = kept, Swept = swept, Runs = deletedRuns, Failure = failure };
    }

    /// <summary>What would be done.</summary>
    public StoreRetentionResult Foretell() => Result() with
    {
        Swept = [.. inventory.HalfDeleted.Select(files => $"{files.Name}: its deletion was begun and will be finished")],
        Runs = OldRuns().Count,
    };

    private StoreRetentionResult Result() => new()
    {
        Location = store.Location,
        Plan = Plan,
        Orphans = [.. inventory.Orphans],
        Warnings = [.. Plan.Warnings, .. warnings],
    };

    /// <summary>What an interrupted retention was about to delete and the rules name today. First, so that no failure keeps it hidden.</summary>
    private async Task ListAgainAsync(CancellationToken cancellationToken)
    {
        var kept = Plan.Kept.Select(decision => decision.Backup.Name).ToHashSet();
        foreach (var files in inventory.Decidable.Where(files => files.IsDeleting && kept.Contains(files.Name)).ToList())
        {
            await store.DeleteAsync([files.Name.Deleting], cancellationToken);
            swept.Add($"{files.Name}: an interrupted retention was about to delete it; it is kept, and listed again");
        }
    }

    private async Task DeleteBackupsAsync(Func<CancellationToken, Task> renewLease, CancellationToken cancellationToken)
    {
        var byName = inventory.Decidable.ToDictionary(files => files.Name);
        var decided = Plan.Deleted.Select(decision => byName[decision.Backup.Name]);
        await new BackupDeletion(store, renewLease).RunAsync([.. inventory.HalfDeleted, .. decided], token => active.SourcesNowAsync(store, stem, now, token), Gone,
            (name, why) => warnings.Add($"{name} was to be deleted and was kept: {why}."), cancellationToken);

        void Gone(BackupFiles files)
        {
            deleted.Add(files.Name.ToString());
            freedBytes += files.Bytes;
        }
    }

    /// <summary>Removes what interrupted jobs left. Nothing of it while a job that writes backups is at work.</summary>
    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var files in inventory.Unfinished.Where(files => files.Pending!.LastModified < now - Abandoned).ToList())
        {
            if (active.AreWriting) break;
            swept.Add(await AbandonedBackups.RemoveAsync(store, files.Name, now - Abandoned, cancellationToken));
        }

        swept.AddRange(await store.SweepUnfinishedAsync(null, now - Abandoned, cancellationToken));
    }

    private async Task DeleteRunsAsync(Func<CancellationToken, Task> renewLease, CancellationToken cancellationToken)
    {
        var runs = OldRuns();
        foreach (var batch in runs.Concat(OldClaims()).Chunk(1_000))
        {
            await renewLease(cancellationToken);
            await store.DeleteAsync(batch, cancellationToken);
        }

        deletedRuns = runs.Count;
    }

    /// <summary>Records go with the backups of their time: counted back from the same one.</summary>
    private List<string> OldRuns() => [.. inventory.Runs.Where(run => run.Name.StartedAt < KeptSince).Select(run => run.Name.ObjectName)];

    /// <summary>Written once and never again, so their age is their request's: what they tell, that its run is recorded, ends with the record.</summary>
    private List<string> OldClaims() => [.. inventory.Claims.Where(claim => claim.LastModified < KeptSince).Select(claim => claim.Name)];

    /// <summary>Null, and nothing is older, while there is no good backup to count back from.</summary>
    private DateTimeOffset? KeptSince => Plan.Decisions.Where(decision => decision.Backup.IsGood && decision.Backup.Name.Time <= now)
        .Select(decision => (DateTimeOffset?)decision.Backup.Name.Time.AddDays(-rules.KeepDays)).FirstOrDefault();
}

/// <summary>What retention decided, and did unless it was a dry run, in one store.</summary>
public sealed record StoreRetentionResult
{
    public required string Location { get; init; }

    public required RetentionPlan Plan { get; init; }

    /// <summary>Names of the backups that are gone, those of an earlier retention that had not come to its end included.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Of the deleted backups, with their side files.</summary>
    public long FreedBytes { get; init; }

    /// <summary>What the store goes on keeping of them, for people: <c>soft delete keeps it for 7 days</c>. Null: nothing, or it can't be seen.</summary>
    public string? KeptByStore { get; init; }

    /// <summary>Run records that were deleted; in a dry run those that would be.</summary>
    public int Runs { get; init; }

    /// <summary>Leftovers of interrupted jobs that were removed or put right, in words.</summary>
    public IReadOnlyList<string> Swept { get; init; } = [];

    /// <summary>What does not fit together, in words; nothing was done about it.</summary>
    public IReadOnlyList<string> Orphans { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What stopped it; what was done before is as told above, and the next retention goes on from there.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DeepSightException? Failure { get; init; }
}
