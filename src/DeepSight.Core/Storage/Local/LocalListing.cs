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

    /// <summary>In ordinal order. Folders that can't hold a name with the prefix are not entered.</summary>
    public static List<StoredObject> Read(string root, string prefix)
    {
        if (!Directory.Exists(root)) return [];

        var files = new FileSystemEnumerable<StoredObject>(root, Describe, Visible)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && IsListed(NameOf(ref entry), prefix) && TrustedPath.IsOrdinaryFile(entry.ToFullPath()),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => MayHold(NameOf(ref entry) + "/", prefix),
        };
        return [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)];
    }

    /// <summary>Size and time to the tick: a file of ours is never changed in place.</summary>
    public static StoredObject Describe(string name, long size, DateTimeOffset modified) =>
        new(name, size, modified, $"{size}-{modified.UtcTicks:x}");

    private static StoredObject Describe(ref FileSystemEntry entry) => Describe(NameOf(ref entry), entry.Length, entry.LastWriteTimeUtc);

    private static bool IsListed(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && !name.StartsWith(LeaseRecord.Folder, StringComparison.Ordinal)
        && ObjectName.IsValid(name);

    private static bool MayHold(string folder, string prefix) =>
        folder.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(folder, StringComparison.Ordinal);

    private static string NameOf(ref FileSystemEntry entry)
    {
        var folder = entry.Directory[entry.RootDirectory.Length..].Trim(Path.DirectorySeparatorChar);
        var path = folder.IsEmpty ? entry.FileName.ToString() : $"{folder}/{entry.FileName}";
        return OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;
    }
}
