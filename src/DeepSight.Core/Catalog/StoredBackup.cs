using DeepSight.Core.Dumps;

namespace DeepSight.Core.Catalog;

/// <summary>One backup with all the stores that hold it.</summary>
/// <param name="Places">At least one; S3 first.</param>
public sealed record StoredBackup(BackupName Name, IReadOnlyList<(BackupCatalog Catalog, BackupEntry Entry)> Places)
{
    public bool IsGood => Places.Any(place => place.Entry.IsGood);
}
