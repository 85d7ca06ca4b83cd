namespace DeepSight.Core.Postgres.Clients;

/// <summary>Where clients may be, in the order in which they are preferred.</summary>
internal sealed record ClientFolders
{
    /// <summary>POSTGRES_CLIENT_DIR: with it nothing else is looked at.</summary>
    public string? Configured { get; init; }

    /// <summary>Where the program itself is.</summary>
    public string Base { get; init; } = AppContext.BaseDirectory;

    /// <summary>Where packages put every major's own programs; one <c>*</c> stands for one folder's name or a part of it.</summary>
    public IReadOnlyList<string> System { get; init; } =
    [
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/opt/homebrew/opt/libpq/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/libpq/bin",
        "/usr/local/opt/postgresql@*/bin",
    ];

    public string SearchPath { get; init; } = Environment.GetEnvironmentVariable("PATH") ?? "";

    /// <summary>Where a loader that can't run in its place is copied: the first in which it then starts.</summary>
    public IReadOnlyList<string> CopiesIn { get; init; } =
    [
        Path.GetTempPath(),
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "deepsight"),
    ];

    /// <summary><c>client/</c> beside the program, else <c>.deepsight/client</c> of the clone that the program was built in.</summary>
    public string? Bundle()
    {
        if (BundleLayout.In(Path.Combine(Base, "client")) is { } beside) return beside.Root;
        for (var folder = new DirectoryInfo(Base); folder is not null; folder = folder.Parent)
            if (BundleLayout.In(Path.Combine(folder.FullName, ".deepsight", "client")) is { } ofClone)
                return ofClone.Root;

        return null;
    }

    /// <summary>Folders of the system with a pg_dump in them, links followed, none twice.</summary>
    public IEnumerable<string> OfSystem() => System.SelectMany(Expand)
        .Concat(SearchPath.Split(':', StringSplitOptions.RemoveEmptyEntries))
        .Select(folder => Path.Combine(folder, "pg_dump"))
        .Where(File.Exists)
        .Select(Resolve)
        // Debian's pg_dump in /usr/bin is a Perl wrapper that costs 41 ms and chooses a version by itself.
        .Where(program => Path.GetFileName(program) == "pg_dump")
        .Select(program => Path.GetDirectoryName(program)!)
        .Distinct();

    private static string Resolve(string program) => File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;

    private static IEnumerable<string> Expand(string pattern)
    {
        var star = pattern.IndexOf('*');
        if (star < 0) return [pattern];

        var parent = pattern[..pattern.LastIndexOf('/', star)];
        var end = pattern.IndexOf('/', star);
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern[(parent.Length + 1)..end]).Order().Select(folder => folder + pattern[end..])
            : [];
    }
}
