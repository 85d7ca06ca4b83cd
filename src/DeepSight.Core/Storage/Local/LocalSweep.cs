using System.Text.RegularExpressions;

namespace DeepSight.Core.Storage.Local;

/// <summary>Finds the temporary files that an interrupted process left behind. Ours are hidden and have an ending of our own.</summary>
internal static partial class LocalSweep
{
    public const string TemporaryEnding = ".deepsight-tmp";

    private static readonly EnumerationOptions WithoutLinks = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    /// <summary>Those to which nothing was written since then, by the file system's clock.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="name">Of this object alone; null: of all.</param>
    /// <param name="untouchedSince">Later ones stay.</param>
    public static List<string> Find(string root, string? name, DateTimeOffset untouchedSince) =>
    [
        .. Folders(root).Prepend(new DirectoryInfo(root))
            .SelectMany(folder => folder.EnumerateFiles(name is null ? ".*" + TemporaryEnding : $".{Path.GetFileName(name)}.*{TemporaryEnding}", WithoutLinks))
            .Where(file => Temporary().IsMatch(file.Name) && file.LastWriteTimeUtc < untouchedSince.UtcDateTime && TrustedPath.IsOrdinaryFile(file.FullName))
            .Select(file => file.FullName)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// Removes the folders of days, months and years without runs that are empty since then, the deepest first; one that is being
    /// filled meanwhile stays. All others stay: what is empty may be somebody else's, and waiting to be filled.
    /// </summary>
    public static void RemoveEmptyFolders(string root, DateTimeOffset untouchedSince)
    {
        foreach (var folder in Folders(root).Where(folder => IsOfTime(root, folder)).OrderByDescending(folder => folder.FullName.Length).ToList())
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

    /// <summary>Those that this tool makes by name, at whatever depth; no other is entered.</summary>
    private static IEnumerable<DirectoryInfo> Folders(string root)
    {
        var entered = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (entered.TryPop(out var folder))
            foreach (var inner in folder.EnumerateDirectories("*", WithoutLinks))
                if (Ours().IsMatch(NameOf(root, inner)))
                {
                    entered.Push(inner);
                    yield return inner;
                }
    }

    private static bool IsOfTime(string root, DirectoryInfo folder) => NameOf(root, folder).StartsWith("runs/", StringComparison.Ordinal);

    private static string NameOf(string root, DirectoryInfo folder) =>
        Path.GetRelativePath(root, folder.FullName).Replace(Path.DirectorySeparatorChar, '/');

    [GeneratedRegex(@"\A(runs(/[0-9]{4}(/[0-9]{2}(/[0-9]{2})?)?)?|pre-restore|requests|leases)\z")]
    private static partial Regex Ours();

    [GeneratedRegex(@"\A\.[A-Za-z0-9_-][A-Za-z0-9._-]*\.[0-9a-f]{32}\.deepsight-tmp\z")]
    private static partial Regex Temporary();
}
