using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Retention;

/// <summary>Everything that lies in a store under one backup's name.</summary>
internal sealed class BackupFiles(BackupName name)
{
    /// <summary>What a backup is besides its dump and its markers, in the order in which it is deleted: the manifest first.</summary>
    private static readonly string[] SideSuffixes = [BackupName.ManifestSuffix, BackupName.AccessSuffix, BackupName.SealedAccessSuffix, BackupName.VerifiedSuffix];

    private static readonly string[] AllSuffixes = [.. SideSuffixes, BackupName.PinnedSuffix, BackupName.PendingSuffix, BackupName.DeletingSuffix];

    private readonly Dictionary<string, StoredObject> files = new(StringComparer.Ordinal);

    public BackupName Name { get; } = name;

    /// <summary>The dump itself.</summary>
    public StoredObject? Data => Find("");

    public StoredObject? Pending => Find(BackupName.PendingSuffix);

    public bool HasManifest => Has(BackupName.ManifestSuffix);

    public bool HasAccess => Has(BackupName.AccessSuffixOf(Name.ToString()));

    public bool IsPinned => Has(BackupName.PinnedSuffix);

    public bool IsPending => Has(BackupName.PendingSuffix);

    public bool IsDeleting => Has(BackupName.DeletingSuffix);

    /// <summary>Dump and side files that are there, without the manifest.</summary>
    public IEnumerable<string> Contents => SideSuffixes[1..].Prepend("").Where(Has).Select(suffix => Name + suffix);

    public long Bytes => files.Values.Sum(file => file.Size);

    /// <summary>As the catalogue would list it.</summary>
    public BackupEntry Entry => new(Name, Data!.Size, HasManifest, HasAccess, Has(BackupName.VerifiedSuffix), IsPinned);

    /// <summary>Splits an object's name into its backup's and the suffix; null when it is no file of a backup of this stem.</summary>
    public static (BackupName Name, string Suffix)? Parse(string objectName, string stem)
    {
        var suffix = Array.Find(AllSuffixes, suffix => objectName.EndsWith(suffix, StringComparison.Ordinal)) ?? "";
        if (BackupName.TryParse(objectName[..^suffix.Length], stem) is not { } name) return null;
        var isAnothers = suffix is BackupName.AccessSuffix or BackupName.SealedAccessSuffix && name.Access != objectName;
        return isAnothers ? null : (name, suffix);
    }

    public void Add(string suffix, StoredObject file) => files.Add(suffix, file);

    private bool Has(string suffix) => files.ContainsKey(suffix);

    private StoredObject? Find(string suffix) => files.GetValueOrDefault(suffix);
}
