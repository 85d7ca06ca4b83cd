namespace DeepSight.Core.Storage.Local;

/// <summary>The directory behind a store: names to paths, folders made private, names made durable.</summary>
internal sealed class LocalFolder(string root)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>On the disk of the folder; null where there is no folder yet, or the disk does not tell.</summary>
    public long? FreeBytes
    {
        get
        {
            try
            {
                return Directory.Exists(Root) ? new DriveInfo(Root).AvailableFreeSpace : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Where the object of this name lies. The root may be a symbolic link; below it none is followed.</summary>
    /// <exception cref="DeepSightException">The name is not one of a store, or leads through a symbolic link.</exception>
    public string PathOf(string name)
    {
        RequireOurs();
        var path = Root;
        foreach (var part in ObjectName.Checked(name).Split('/'))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
                throw new DeepSightException(FailureKind.Refused, $"'{path}' is a symbolic link, and links in a backup directory are not followed.",
                    "replace it by what it points to, or set BACKUP_DIR to the directory behind it.");
        }

        return path;
    }

    /// <exception cref="DeepSightException">Others could have put backups or records there.</exception>
    public void RequireOurs() => TrustedPath.Require(Root, "The backup directory", FailureKind.Refused);

    /// <summary>A name beside <paramref name="path"/> that says whose it is; hidden, so that no listing shows it.</summary>
    public static string TemporaryFor(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():n}{LocalSweep.TemporaryEnding}");

    /// <summary>Opens a new file for writing, readable by its owner only; makes the folders that are missing.</summary>
    public static FileStream CreateFile(string path)
    {
        CreateFolders(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.Read,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return new FileStream(path, options);
    }

    /// <summary>Gives a written file its final name, for good; false when the name is taken.</summary>
    public static bool TryPublish(string temporary, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (File.Exists(path)) return false;
            File.Move(temporary, path, overwrite: false);
            return true;
        }

        if (!Posix.TryMove(temporary, path)) return false;
        FlushFolderOf(path);
        return true;
    }

    public static void PublishOver(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        FlushFolderOf(path);
    }

    public static void FlushFolderOf(string path)
    {
        // NTFS journals its names; there is nothing to flush.
        if (!OperatingSystem.IsWindows()) Posix.Flush(Path.GetDirectoryName(path)!);
    }

    public static void CreateFolders(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        CreateFolders(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        FlushFolderOf(folder);
    }
}
