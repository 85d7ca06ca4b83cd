using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace DeepSight.Core.Postgres.Clients;

/// <summary>
/// Copies of programs in a folder of ours, named by a hash of what is in it. In a temporary folder anyone may have put something
/// under that name before us: it is used only if it is a folder of our own user, closed to all others, with the right content.
/// Two processes may come at once: each fills a folder of its own, and the first to rename it wins.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Returns a folder below <paramref name="parent"/> that holds executable copies of these files.</summary>
    /// <param name="files">Their paths relative to <paramref name="root"/>.</param>
    /// <exception cref="IOException">It can't be made there, or what is there is not ours.</exception>
    public static string Provide(string parent, string root, IReadOnlyList<string> files)
    {
        var hash = HashOf(root, files);
        var folder = Path.Combine(parent, $"deepsight-client-{hash[..16]}-{TrustedPath.UserId}");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (Directory.Exists(folder))
            {
                RequireOurs(folder);
                if (Holds(folder, files, hash)) return folder;
                // Ours, but incomplete: a cleaner of old temporary files has been here.
                Directory.Delete(folder, recursive: true);
            }

            Fill(parent, root, files, folder);
        }

        RequireOurs(folder);
        return Holds(folder, files, hash) ? folder : throw new IOException($"'{folder}' changes under our hands.");
    }

    private static void Fill(string parent, string root, IReadOnlyList<string> files, string folder)
    {
        Directory.CreateDirectory(parent);
        var filling = Path.Combine(parent, $".deepsight-client-{Guid.NewGuid():n}");
        Directory.CreateDirectory(filling, OwnerOnly);
        try
        {
            foreach (var file in files)
            {
                var copy = Path.Combine(filling, file);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!, OwnerOnly);
                File.Copy(Path.Combine(root, file), copy);
                File.SetUnixFileMode(copy, OwnerOnly);
            }

            Directory.Move(filling, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was first; the caller checks what it left.
            Directory.Delete(filling, recursive: true);
        }
    }

    private static bool Holds(string folder, IReadOnlyList<string> files, string hash) =>
        files.All(file => File.Exists(Path.Combine(folder, file))) && HashOf(folder, files) == hash;

    private static string HashOf(string root, IReadOnlyList<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(root, file))));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void RequireOurs(string folder)
    {
        if (TrustedPath.Look(folder) is not { IsFolder: true } status || status.Owner != TrustedPath.UserId || (status.Mode & 0b000_111_111) != 0)
            throw new IOException($"'{folder}' is not a folder of this user alone: it is not used.");
    }
}
