using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DeepSight.Core;

/// <summary>
/// Whether somebody else could have put something under a path of ours: a backup, a message, a program, a setting. Looked at are
/// the file or folder, every folder above it and every link on the way. Where the system doesn't tell owners, nothing is doubted.
/// </summary>
internal static class TrustedPath
{
    private const int Sticky = 0x200;
    private const int GroupMayWrite = 0x10;
    private const int OthersMayWrite = 0x2;
    private const int MostLinks = 40;

    /// <summary>Why not, to follow the path in a message; null when only this user and root could have written there, or nothing is there.</summary>
    public static string? Doubt(string path) => OperatingSystem.IsLinux() ? Doubt(Path.GetFullPath(path), MostLinks) : null;

    /// <exception cref="DeepSightException">Somebody else could have put something there.</exception>
    /// <param name="what">What it is, to begin the message with: <c>The settings file</c>.</param>
    /// <param name="kind">How the job then ends.</param>
    public static void Require(string path, string what, FailureKind kind)
    {
        if (Doubt(path) is { } doubt)
            throw new DeepSightException(kind, $"{what} '{path}' can't be trusted: {doubt}.",
                $"it must belong to {Environment.UserName} or root and be writable for nobody else: chown and chmod it, or use another one.");
    }

    /// <summary>What is there is an ordinary file: no pipe that would be waited on, no device, no link.</summary>
    public static bool IsOrdinaryFile(string path) => OperatingSystem.IsLinux() ? Look(path) is { IsFile: true } : File.Exists(path);

    /// <summary>What is there, links not followed; null when nothing is.</summary>
    /// <exception cref="IOException">It can't be examined.</exception>
    internal static FileStatus? Look(string path)
    {
        // struct statx (man 2 statx): stx_uid at 20, stx_gid at 24, stx_mode at 28. .NET tells a file's mode but not its owner.
        const int atWorkingDirectory = -100, noFollow = 0x100, noEntry = 2, noFolder = 20, denied = 13;
        const uint modeAndOwner = 0x1 | 0x2 | 0x8 | 0x10;
        var status = new byte[256];
        if (Statx(atWorkingDirectory, path, noFollow, modeAndOwner, status) == 0)
            return new FileStatus(BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(20)),
                BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(24)), BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(28)));

        // What may not be entered fails where it is opened, with its own message.
        return Marshal.GetLastPInvokeError() is var error && error is noEntry or noFolder or denied ? null : throw new IOException($"'{path}' can't be examined (error {error}).");
    }

    internal static uint UserId => GetEffectiveUserId();

    private static string? Doubt(string path, int links)
    {
        if (links == 0) return "it leads through too many links";
        for (string? part = path, below = null; part is not null; below = part, part = Path.GetDirectoryName(part))
        {
            if (Look(part) is not { } status) continue;
            if (status.Owner != 0 && status.Owner != UserId) return $"'{part}' belongs to another user";
            if (status.IsLink)
            {
                if (new FileInfo(part).LinkTarget is not { } target) continue;
                var rest = path.Length > part.Length ? path[(part.Length + 1)..] : "";
                var full = Path.GetFullPath(target, Path.GetDirectoryName(part)!);
                // The folders above the link still count: who may write there may replace it.
                if (Doubt(rest.Length > 0 ? Path.Combine(full, rest) : full, links - 1) is { } doubt) return doubt;
                continue;
            }

            // In a sticky folder such as /tmp nobody can replace what belongs to us; what is there already was looked at by its owner.
            if (MayBeWrittenByOthers(status) && !(below is not null && status.IsFolder && (status.Mode & Sticky) != 0))
                return $"others may write to '{part}'";
        }

        return null;
    }

    /// <summary>A group of the user's own, as most systems make one for each user, is nobody else.</summary>
    private static bool MayBeWrittenByOthers(FileStatus status) =>
        (status.Mode & OthersMayWrite) != 0 || ((status.Mode & GroupMayWrite) != 0 && status.Group != 0 && status.Group != GetEffectiveGroupId());

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEffectiveUserId();

    [DllImport("libc", EntryPoint = "getegid")]
    private static extern uint GetEffectiveGroupId();

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int Statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] status);

    /// <summary>Whose it is, what it is and who may do what.</summary>
    internal readonly record struct FileStatus(uint Owner, uint Group, int Mode)
    {
        private const int KindMask = 0xF000;

        public bool IsFolder => (Mode & KindMask) == 0x4000;

        public bool IsFile => (Mode & KindMask) == 0x8000;

        public bool IsLink => (Mode & KindMask) == 0xA000;
    }
}
