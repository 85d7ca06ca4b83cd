using System.Runtime.Versioning;

namespace DeepSight.Core.Postgres.Clients;

/// <summary>
/// The ways to run a bundle, the cheapest first. Only the loader is executed; but a file system mounted noexec doesn't let
/// libraries and programs be mapped either, and then all of it must move.
/// </summary>
internal static class BundleCopies
{
    /// <param name="inPlace">As it was deployed: perhaps read-only, perhaps without mode bits.</param>
    /// <param name="parents">Folders that may take the copies.</param>
    /// <param name="refused">Told why a folder can't take one.</param>
    public static IEnumerable<BundleLayout> Of(BundleLayout inPlace, IReadOnlyList<string> parents, Action<string> refused)
    {
        yield return inPlace;
        if (!OperatingSystem.IsLinux()) yield break;

        var loader = Path.GetRelativePath(inPlace.Root, inPlace.Loader);
        foreach (var parent in parents)
            if (Provide(parent, inPlace.Root, [loader], refused) is { } folder)
                yield return inPlace with { Loader = Path.Combine(folder, loader) };

        var everything = new[] { inPlace.Libraries, Path.Combine(inPlace.Root, "libexec") }
            .SelectMany(part => Directory.EnumerateFiles(part, "*", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(inPlace.Root, file))
            .ToList();
        foreach (var parent in parents)
            if (Provide(parent, inPlace.Root, everything, refused) is { } folder)
                yield return new BundleLayout(folder, Path.Combine(folder, loader));
    }

    [SupportedOSPlatform("linux")]
    private static string? Provide(string parent, string root, IReadOnlyList<string> files, Action<string> refused)
    {
        try
        {
            return PrivateFolder.Provide(parent, root, files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            refused($"The bundled client can't be copied to '{parent}': {e.Message}");
            return null;
        }
    }
}
