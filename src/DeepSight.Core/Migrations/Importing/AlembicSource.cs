namespace DeepSight.Core.Migrations.Importing;

/// <summary>Where the user's Alembic lies, and the Python that it runs in.</summary>
public sealed record AlembicSource
{
    /// <summary>The path of alembic.ini; null where there is none.</summary>
    public string? Ini { get; init; }

    /// <summary>The folder with env.py; null where alembic.ini names it.</summary>
    public string? ScriptLocation { get; init; }

    /// <summary>The program's path.</summary>
    public required string Python { get; init; }

    /// <summary>Relative paths of alembic.ini and the program's own modules are looked for here.</summary>
    public required string WorkingDirectory { get; init; }

    /// <param name="path">alembic.ini, its folder, the script location (with env.py) or the folder of its versions.</param>
    /// <param name="python">Null takes the one of the PATH.</param>
    /// <exception cref="DeepSightException">There is no such folder, nothing of Alembic's in it, or no Python.</exception>
    public static AlembicSource Find(string path, string? python)
    {
        const string hint = "name the folder that holds alembic.ini, or the one that holds env.py.";
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var program = Program(python);
        if (File.Exists(full)) return new AlembicSource { Ini = full, WorkingDirectory = Path.GetDirectoryName(full)!, Python = program };
        if (!Directory.Exists(full)) throw new DeepSightException(FailureKind.InvalidInput, $"There is no folder '{full}'.", hint);

        if (IniIn(full) is { } own && !HasScripts(full)) return new AlembicSource { Ini = own, WorkingDirectory = full, Python = program };

        var location = ((string[])[full, Parent(full)]).FirstOrDefault(HasScripts)
            ?? throw new DeepSightException(FailureKind.InvalidInput, $"'{full}' holds neither alembic.ini nor env.py.", hint);
        var project = Parent(location);
        return new AlembicSource { Ini = IniIn(project) ?? IniIn(location), ScriptLocation = location, WorkingDirectory = project, Python = program };
    }

    private static string Parent(string folder) => Path.GetDirectoryName(folder) ?? folder;

    private static bool HasScripts(string folder) => File.Exists(Path.Combine(folder, "env.py"));

    private static string? IniIn(string folder) => Path.Combine(folder, "alembic.ini") is var ini && File.Exists(ini) ? ini : null;

    private static string Program(string? python)
    {
        // A path is not resolved: the link in a virtual environment is what tells Python of it.
        var candidates = python is not null && python.Contains(Path.DirectorySeparatorChar)
            ? [Path.GetFullPath(python)]
            : from name in python is null ? (string[])["python3", "python"] : [python]
              from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
              select Path.Combine(folder, name);
        return candidates.FirstOrDefault(File.Exists) ?? throw new DeepSightException(FailureKind.InvalidInput,
            python is null ? "There is no Python on the PATH, and Alembic needs one." : $"There is no Python '{python}'.",
            "activate the environment in which your Alembic runs, or name its Python: --python .venv/bin/python.");
    }
}
