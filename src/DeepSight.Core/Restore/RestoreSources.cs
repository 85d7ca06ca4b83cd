using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;

namespace DeepSight.Core.Restore;

/// <summary>Finds what is to be restored, by what the operator calls it.</summary>
public sealed class RestoreSources(BackupStores stores)
{
    /// <summary>A path; where there is no such file, the name of a backup in the stores.</summary>
    /// <exception cref="DeepSightException">There is neither.</exception>
    public async Task<DumpSource> FindAsync(string pathOrName, CancellationToken cancellationToken)
    {
        if (File.Exists(pathOrName)) return await FileSource.FindAsync(pathOrName, stores.Trusted, stores.Identities, cancellationToken);
        if (File.Exists(Path.Combine(pathOrName, "toc.dat")))
            throw new DeepSightException(FailureKind.InvalidInput, $"'{pathOrName}' is a folder of pg_dump -Fd, no plain SQL.",
                $"pg_restore reads those; to restore it here, turn it into SQL first: pg_restore -f dump.sql {pathOrName}");
        if (Directory.Exists(pathOrName))
            throw new DeepSightException(FailureKind.InvalidInput, $"'{pathOrName}' is a folder.", "name the file in it.");
        if (Path.IsPathRooted(pathOrName) || pathOrName.StartsWith('.'))
            throw new DeepSightException(FailureKind.NothingToDo, $"There is no file '{pathOrName}'.", "`deepsight list` shows the backups that can be restored by name.");
        return await FromStoresAsync(pathOrName, cancellationToken);
    }

    /// <summary>Whether a sealed one can be opened here.</summary>
    /// <exception cref="DeepSightException">It can't, is not sealed, or is not there.</exception>
    public async Task RequireIdentityAsync(string pathOrName, CancellationToken cancellationToken)
    {
        var source = await FindAsync(pathOrName, cancellationToken);
        if (!source.IsSealed) throw new DeepSightException(FailureKind.InvalidInput, $"'{source.Name}' is not sealed.", "it needs no identity.");
        await SealedFile.RequireIdentityAsync(source, cancellationToken);
    }

    /// <summary>The backup of this name, from the local directory where it is there as well: its checksum tells whether it is the same.</summary>
    public async Task<DumpSource> FromStoresAsync(string name, CancellationToken cancellationToken) =>
        await OfAsync(await stores.GetAsync(name, cancellationToken), cancellationToken);

    /// <summary>The backup of this name from S3.</summary>
    /// <exception cref="DeepSightException">S3 isn't configured, or doesn't have it.</exception>
    public async Task<DumpSource> FromS3Async(string name, CancellationToken cancellationToken)
    {
        var s3 = stores.S3 ?? throw new DeepSightException(FailureKind.InvalidInput, "--from-s3 is asked for, but no S3 credentials are set.",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or BACKUP_STORE=s3 to use the role or profile that the AWS SDK finds.");
        var catalog = stores.Catalog(s3);
        var entry = (await catalog.ListAsync(cancellationToken)).FirstOrDefault(entry => entry.Name.ToString() == name)
            ?? throw new DeepSightException(FailureKind.NothingToDo, $"There is no backup '{name}' in {s3.Location}.",
                "`deepsight list --all` shows every backup; the name is needed whole, with its ending.");
        return await StoredSource.FindAsync(catalog, entry, cancellationToken);
    }

    /// <summary>The newest good backup that was not taken before a restore.</summary>
    public async Task<DumpSource> LatestAsync(CancellationToken cancellationToken) =>
        await OfAsync(await stores.GetLatestAsync(cancellationToken), cancellationToken);

    private async Task<DumpSource> OfAsync(StoredBackup backup, CancellationToken cancellationToken)
    {
        var (catalog, entry) = backup.Places
            .OrderByDescending(place => place.Entry.IsGood)
            .ThenByDescending(place => place.Catalog.Store == stores.Local)
            .First();
        return await StoredSource.FindAsync(catalog, entry, cancellationToken);
    }
}
