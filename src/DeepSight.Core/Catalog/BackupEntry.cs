using DeepSight.Core.Dumps;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Catalog;

/// <summary>One backup as the names in a single listing tell it; no manifest was read.</summary>
/// <param name="StoredBytes">Size of the compressed dump.</param>
/// <param name="HasManifest">Made by this tool and complete. Without one it is the old tool's or a hand-made dump: unverified.</param>
/// <param name="HasDrill">A drill proved that this copy restores; when, and in what time, stands in the file.</param>
public sealed record BackupEntry(BackupName Name, long StoredBytes, bool HasManifest, bool HasAccess, bool HasDrill, bool IsPinned)
{
    /// <summary>As far as names and sizes tell. A disk that lost power can leave an empty file under a good name.</summary>
    public bool IsGood => HasManifest && StoredBytes > 0;
}

/// <summary>One backup with all the stores that hold it.</summary>
/// <param name="Places">At least one; remote ones first.</param>
public sealed record StoredBackup(BackupName Name, IReadOnlyList<(BackupCatalog Catalog, BackupEntry Entry)> Places)
{
    public bool IsGood => Places.Any(place => place.Entry.IsGood);

    /// <summary>The stores of <c>BACKUP_STORES</c> that could be listed and don't hold it.</summary>
    public IReadOnlyList<IBackupStore> Lacking { get; init; } = [];
}
