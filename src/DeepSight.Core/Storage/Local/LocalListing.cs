using System.IO.Enumeration;
using DeepSight.Core.Storage.Leases;

namespace DeepSight.Core.Storage.Local;

/// <summary>Lists the objects of a directory: hidden files, links and foreign names are passed over.</summary>
internal static class LocalListing
{
    private static readonly EnumerationOptions Visible = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
        IgnoreInaccessible = false,
    };

    /// <summary>In ordinal order. Folders that can't hold a name with the prefix, or one that comes after <paramref name="after"/>, are not entered.</summary>
    public static List<StoredObject> Read(string root, string prefix, string after)
    {
        if (!Directory.Exists(root)) return [];

        var files = new FileSystemEnumerable<StoredObject?>(root, Describe, Visible)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => MayHold(NameOf(ref entry) + "/"),
        };
        return [.. files.OfType<StoredObject>().OrderBy(file => file.Name, StringComparer.Ordinal)];

        StoredObject? Describe(ref FileSystemEntry entry)
        {
            var name = NameOf(ref entry);
            return name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(name, after) > 0
                && !name.StartsWith(LeaseRecord.Folder, StringComparison.Ordinal) && ObjectName.IsValid(name) && TrustedPath.IsOrdinaryFile(entry.ToFullPath())
                ? LocalListing.Describe(name, entry.Length, entry.LastWriteTimeUtc)
                : null;
        }

        bool MayHold(string folder) =>
            (folder.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(folder, StringComparison.Ordinal))
            && (after.StartsWith(folder, StringComparison.Ordinal) || string.CompareOrdinal(folder, after) > 0);
    }

    /// <summary>Size and time to the tick: a file of ours is never changed in place.</summary>
    public static StoredObject Describe(string name, long size, DateTimeOffset modified) =>
        new(name, size, modified, $"{size}-{modified.UtcTicks:x}");

    private static string NameOf(ref FileSystemEntry entry)
    {
        var folder = entry.Directory[entry.RootDirectory.Length..].Trim(Path.DirectorySeparatorChar);
        var path = folder.IsEmpty ? entry.FileName.ToString() : $"{folder}/{entry.FileName}";
        return OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;
    }
}
