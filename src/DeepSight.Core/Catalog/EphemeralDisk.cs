namespace DeepSight.Core.Catalog;

/// <summary>Tells directories that don't outlive a restart: a backup there looks kept and is gone when it is needed.</summary>
internal static class EphemeralDisk
{
    private static readonly string[] TemporaryFolders = [Path.GetTempPath(), "/tmp/", "/var/tmp/"];

    /// <summary>What this process runs on, if its own disk is thrown away with it; null on a machine.</summary>
    public static string? Host { get; } =
        IsSet("WEBSITE_SITE_NAME") ? "Azure Functions"
        : IsSet("DOTNET_RUNNING_IN_CONTAINER") || IsSet("KUBERNETES_SERVICE_HOST") || File.Exists("/.dockerenv") || File.Exists("/run/.containerenv") ? "a container"
        : null;

    public static bool IsTemporary(string directory) =>
        TemporaryFolders.Any(folder => (directory + "/").StartsWith(folder, StringComparison.Ordinal));

    /// <summary>Temporary, or on a container's own layer or in memory: not on a volume.</summary>
    public static bool Holds(string directory) =>
        IsTemporary(directory) || (!OperatingSystem.IsWindows() && new DriveInfo(Existing(directory)).DriveFormat is "overlayfs" or "overlay" or "tmpfs" or "ramfs");

    private static string Existing(string directory)
    {
        while (!Directory.Exists(directory)) directory = Path.GetDirectoryName(directory) ?? "/";
        return directory;
    }

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 };
}
