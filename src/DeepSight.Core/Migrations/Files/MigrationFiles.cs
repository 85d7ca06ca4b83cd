using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Files;

/// <summary>All scripts of a migrations folder, and the graph of its revisions.</summary>
public sealed class MigrationFiles
{
    private readonly Dictionary<string, MigrationScript> up;
    private readonly Dictionary<string, MigrationScript> down;

    private MigrationFiles(string directory, IReadOnlyList<MigrationScript> scripts, IReadOnlyList<string> elsewhere)
    {
        Directory = directory;
        Scripts = scripts;
        ForOtherEnvironments = elsewhere;
        up = Of(RunKind.Revision).ToDictionary(script => script.Path, StringComparer.Ordinal);
        down = Of(RunKind.Undo).ToDictionary(script => script.Path, StringComparer.Ordinal);
        Graph = RevisionGraph.Build([.. RevisionReader.Read([.. Of(RunKind.Revision)])]);
    }

    public string Directory { get; }

    /// <summary>In the order in which they run, revisions in the order of their files; those for other environments left out.</summary>
    public IReadOnlyList<MigrationScript> Scripts { get; }

    public RevisionGraph Graph { get; }

    public MigrationScript Up(Revision revision) => up[revision.File];

    /// <summary>What undoes it; null when there is no such file.</summary>
    public MigrationScript? Down(Revision revision) => down.GetValueOrDefault(revision.File);

    /// <summary>Paths of files that are there but not for this environment.</summary>
    internal IReadOnlyList<string> ForOtherEnvironments { get; }

    /// <summary>Hidden files, such as macOS' <c>up/._0001_a.sql</c> and an editor's <c>up/.#0001_a.sql</c>: no migrations.</summary>
    public IReadOnlyList<string> Ignored { get; private init; } = [];

    /// <summary>Files in <c>down/</c> that no revision has for its own.</summary>
    internal IEnumerable<MigrationScript> StrayDowns => down.Values.Where(script => !up.ContainsKey(script.Path));

    internal IEnumerable<MigrationScript> Of(RunKind kind) => Scripts.Where(script => script.Runs == kind);

    /// <summary>A folder without any.</summary>
    internal static MigrationFiles None(string directory) => new(Path.GetFullPath(directory), [], []);

    /// <exception cref="DeepSightException">The folder isn't there, a file isn't text, names collide, or the revisions make no graph.</exception>
    internal static async Task<MigrationFiles> LoadAsync(MigrationSettings settings, ScriptTokens tokens, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(settings.Directory);
        if (!System.IO.Directory.Exists(root))
            throw new DeepSightException(FailureKind.InvalidInput, $"There is no folder '{root}'.",
                "let MIGRATIONS_DIR name the folder that holds up/ and down/; `deepsight migrate new` makes it with its first files.");

        TrustedPath.Require(root, "The migrations folder", FailureKind.InvalidInput);
        var scripts = new List<MigrationScript>();
        var elsewhere = new List<string>();
        var ignored = new List<string>();
        foreach (var folder in ScriptFolder.InOrder.Append(ScriptFolder.Down))
            foreach (var path in Paths(Path.Combine(root, folder.Name)))
                if (path.Split('/').Any(part => part.StartsWith('.')))
                    ignored.Add($"{folder.Name}/{path}");
                else if (ScriptEnvironment.Includes(Path.GetFileName(path), settings.Environments))
                    scripts.Add(await ReadAsync(root, folder, path, tokens, cancellationToken));
                else
                    elsewhere.Add(path);

        RefuseCollisions(scripts);
        return new MigrationFiles(root, scripts, elsewhere) { Ignored = ignored };
    }

    private static async Task<MigrationScript> ReadAsync(
        string root, ScriptFolder folder, string path, ScriptTokens tokens, CancellationToken cancellationToken)
    {
        var bytes = await BytesAsync(Path.Combine(root, folder.Name, path), cancellationToken);
        var text = tokens.Replace(ScriptText.Decode(bytes, $"{folder.Name}/{path}"));
        var everyTime = folder != ScriptFolder.Down && ScriptEnvironment.IsEveryTime(Path.GetFileName(path));
        return new MigrationScript(folder, path, everyTime ? RunKind.EveryTime : folder.Runs, text);
    }

    private static async Task<byte[]> BytesAsync(string file, CancellationToken cancellationToken)
    {
        TrustedPath.Require(file, "The migration", FailureKind.InvalidInput);
        try
        {
            return await File.ReadAllBytesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeepSightException(FailureKind.InvalidInput, $"Can't read '{file}': {e.Message}", "the migrations must be readable for the user who runs them.", e);
        }
    }

    private static IEnumerable<string> Paths(string folder) => !System.IO.Directory.Exists(folder)
        ? []
        : System.IO.Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".sql", StringComparison.OrdinalIgnoreCase))
            .Select(file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/'))
            .Order(FileOrder.Instance);

    /// <summary>The journal knows a script by its path below its folder; the folder itself it doesn't know.</summary>
    private static void RefuseCollisions(IEnumerable<MigrationScript> scripts)
    {
        var same = scripts.Where(script => script.Runs != RunKind.Undo)
            .GroupBy(script => script.Path, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any());
        if (same is not null)
            throw new DeepSightException(FailureKind.InvalidInput,
                $"The journal could not tell these files apart: {string.Join(", ", same.Select(script => script.Display))}.",
                "give each a name of its own: names are unique across folders.");
    }
}

/// <summary>RoundhousE's order: the files of a folder by name, then its subfolders by name.</summary>
internal sealed class FileOrder : IComparer<string>
{
    public static FileOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        string[] a = x!.Split('/'), b = y!.Split('/');
        for (var i = 0; ; i++)
        {
            bool aIsFile = i == a.Length - 1, bIsFile = i == b.Length - 1;
            if (aIsFile != bIsFile) return aIsFile ? -1 : 1;

            var order = string.Compare(Stem(a[i], aIsFile), Stem(b[i], bIsFile), StringComparison.OrdinalIgnoreCase);
            if (order == 0) order = string.CompareOrdinal(a[i], b[i]);
            if (order != 0 || aIsFile) return order;
        }

        // Without the ending, so that `a.sql` comes before `a_b.sql`, as it does for grate.
        static string Stem(string name, bool isFile) => isFile ? Path.GetFileNameWithoutExtension(name) : name;
    }
}

/// <summary>
/// Which files are for which environment, by RoundhousE's rule: a name with <c>.ENV.</c> in it runs only where it begins with an
/// environment's name and a dot, or has it between dots: <c>0003_users.ENV.TEST.sql</c>, <c>TEST.0003.ENV.sql</c>.
/// </summary>
internal static class ScriptEnvironment
{
    public static bool Includes(string fileName, IReadOnlyList<string> environments) =>
        !fileName.Contains(".env.", StringComparison.OrdinalIgnoreCase) || environments.Any(environment =>
            fileName.StartsWith(environment + ".", StringComparison.OrdinalIgnoreCase)
            || fileName.Contains("." + environment + ".", StringComparison.OrdinalIgnoreCase));

    /// <summary>A file of that name runs every time, wherever it lies.</summary>
    public static bool IsEveryTime(string fileName) =>
        fileName.StartsWith("everytime.", StringComparison.OrdinalIgnoreCase) || fileName.Contains(".everytime.", StringComparison.OrdinalIgnoreCase);
}
