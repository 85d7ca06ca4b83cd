using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Restore.Requests;
using DeepSight.Core.Runs;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>What one listing of a store tells about the backups of one stem, the run records and the restore requests' claims. Other names are not ours.</summary>
internal sealed class StoreInventory
{
    private readonly Dictionary<BackupName, BackupFiles> backups = [];

    private StoreInventory() { }

    public IReadOnlyList<(RunName Name, StoredObject File)> Runs { get; private set; } = [];

    /// <summary>What <see cref="RequestClaim"/> left: each keeps a message that comes again from being done twice.</summary>
    public IReadOnlyList<StoredObject> Claims { get; private set; } = [];

    /// <summary>The backups as the catalogue lists them: with a dump, without a marker.</summary>
    public IEnumerable<BackupFiles> Listed => backups.Values.Where(files => files is { Data: not null, IsPending: false, IsDeleting: false });

    /// <summary>
    /// What is decided on: those listed, and those with a dump whose deletion a retention began that did not get to its end. What was
    /// right then, with its rules and by its clock, may be wrong by now: the newer ones may be gone since.
    /// </summary>
    public IEnumerable<BackupFiles> Decidable => backups.Values.Where(files => files is { Data: not null } and ({ IsDeleting: true } or { IsPending: false }));

    /// <summary>The rest of what an interrupted retention deleted: the dump is gone already.</summary>
    public IEnumerable<BackupFiles> HalfDeleted => backups.Values.Where(files => files is { Data: null, IsDeleting: true });

    /// <summary>Begun and not published: running, or left behind by a process that died.</summary>
    public IEnumerable<BackupFiles> Unfinished => backups.Values.Where(files => files is { IsPending: true, IsDeleting: false });

    /// <summary>What does not fit together, in words; nothing is done about it.</summary>
    public IEnumerable<string> Orphans =>
        from files in backups.Values
        where files is { IsPending: false, IsDeleting: false }
        let problem = files switch
        {
            { Data: null, HasManifest: true } => "a manifest without its dump",
            { Data: null } => "side files without a dump",
            { HasManifest: false, HasAccess: true } => "a dump whose manifest is gone: it counts as unverified",
            _ => null,
        }
        where problem is not null
        orderby files.Name.Time
        select $"{files.Name}: {problem}";

    public static async Task<StoreInventory> ReadAsync(IBackupStore store, string stem, CancellationToken cancellationToken)
    {
        var inventory = new StoreInventory();
        await foreach (var file in BackupCatalog.FilesAsync(store, stem, cancellationToken))
            if (BackupFiles.Parse(file.Name, stem) is var (name, suffix))
                inventory.FilesOf(name).Add(suffix, file);

        inventory.Runs = await store.ListAsync(RunName.Folder, cancellationToken)
            .Select(file => (Name: RunName.TryParse(file.Name), File: file))
            .Where(run => run.Name is not null)
            .Select(run => (run.Name!, run.File))
            .ToListAsync(cancellationToken);
        inventory.Claims = await store.ListAsync(RequestClaim.Folder, cancellationToken)
            .Where(file => RequestClaim.IsName(file.Name))
            .ToListAsync(cancellationToken);
        return inventory;
    }

    private BackupFiles FilesOf(BackupName name)
    {
        if (!backups.TryGetValue(name, out var files)) backups.Add(name, files = new BackupFiles(name));
        return files;
    }
}
