using DeepSight.Core.Storage.Local;

namespace DeepSight.Core.Queues;

/// <summary>The folder for what a machine without Azure storage keeps between runs: queues, timer status, locks.</summary>
public static class LocalState
{
    /// <summary>The setting that names the folder.</summary>
    public const string Setting = "DEEPSIGHT_STATE_DIR";

    /// <summary>
    /// <c>DEEPSIGHT_STATE_DIR</c>; else the folder that systemd gives a unit with <c>StateDirectory=</c>; else
    /// <c>.deepsight/state</c> in the working directory: never a temp folder, since a message there must outlive a reboot,
    /// and never one a user's checkouts would share, since a restore request names one database.
    /// </summary>
    /// <returns>An absolute path; the folder need not exist.</returns>
    public static string Folder(Func<string, string?> setting)
    {
        if (setting(Setting) is { } chosen && !string.IsNullOrWhiteSpace(chosen)) return Path.GetFullPath(chosen.Trim());

        // systemd separates several with a colon; the first is ours.
        if (setting("STATE_DIRECTORY") is { } systemd && !string.IsNullOrWhiteSpace(systemd)) return Path.GetFullPath(systemd.Split(':')[0]);

        return Path.GetFullPath(Path.Combine(".deepsight", "state"));
    }

    /// <summary>Makes a folder below it that nobody else can enter: a file that others can open they can lock as well.</summary>
    /// <exception cref="DeepSightException">Others could have put something there (<see cref="FailureKind.Refused"/>).</exception>
    /// <exception cref="IOException">It can't be made.</exception>
    public static void MakePrivate(string folder)
    {
        LocalFolder.CreateFolders(folder);
        TrustedPath.Require(folder, "The folder for state", FailureKind.Refused);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
