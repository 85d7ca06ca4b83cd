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
}
