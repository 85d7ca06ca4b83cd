namespace DeepSight.Core.Storage.Local;

/// <summary>Finds the temporary files that an interrupted process left behind. Ours are hidden and have an ending of our own.</summary>
internal static class LocalSweep
{
    public const string TemporaryEnding = ".deepsight-tmp";

    private static readonly EnumerationOptions Everywhere = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = false,
    };

    /// <summary>Those to which nothing was written since then, by the file system's clock.</summary>
    public static List<string> Find(string root, DateTimeOffset untouchedSince) =>
    [
        .. new DirectoryInfo(root).EnumerateFiles(".*" + TemporaryEnding, Everywhere)
            .Where(file => file.LastWriteTimeUtc < untouchedSince.UtcDateTime)
            .Select(file => file.FullName)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Removes folders that are empty since then, the deepest first; one that is being filled meanwhile stays.</summary>
    public static void RemoveEmptyFolders(string root, DateTimeOffset untouchedSince)
    {
        foreach (var folder in new DirectoryInfo(root).EnumerateDirectories("*", Everywhere).OrderByDescending(folder => folder.FullName.Length).ToList())
        {
            if (folder.LastWriteTimeUtc >= untouchedSince.UtcDateTime || folder.EnumerateFileSystemInfos().Any()) continue;
            try
            {
                folder.Delete();
            }
            catch (IOException)
            {
                // Not empty any more.
            }
        }
    }
}
