namespace DeepSight.Core.Postgres.Clients;

/// <summary>
/// A bundle as it can be run: <c>libexec/&lt;major&gt;/pg_dump</c> over one folder of libraries, started by the bundle's own
/// loader, so that it needs nothing of the system, not even a libc.
/// </summary>
/// <param name="Loader">The bundle's <c>ld-linux-….so</c>, or a copy of it.</param>
internal sealed record BundleLayout(string Root, string Loader)
{
    public string Libraries => Path.Combine(Root, "lib");

    public string Programs(string major) => Path.Combine(Root, "libexec", major);

    /// <summary>The majors in the bundle, as its folders are called.</summary>
    public IEnumerable<string> Majors => Directory.EnumerateDirectories(Path.Combine(Root, "libexec")).Select(folder => Path.GetFileName(folder)!).Order();

    /// <summary>The bundle in this folder, run in place; null when there is none for this machine.</summary>
    public static BundleLayout? In(string root)
    {
        if (!Directory.Exists(Path.Combine(root, "libexec")) || !Directory.Exists(Path.Combine(root, "lib"))) return null;
        var loader = Directory.EnumerateFiles(Path.Combine(root, "lib"), "ld-linux*.so.*").FirstOrDefault();
        return loader is null ? null : new BundleLayout(root, loader);
    }
}
