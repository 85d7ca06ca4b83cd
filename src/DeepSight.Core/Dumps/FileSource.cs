using System.Text.Json;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps.Signing;

namespace DeepSight.Core.Dumps;

/// <summary>A file anywhere on this machine, with whatever lies beside it: a manifest, an access file.</summary>
internal sealed class FileSource : DumpSource
{
    private readonly string path;
    private readonly long length;
    private readonly DateTime written;

    private FileSource(string path, FileInfo file)
    {
        this.path = path;
        length = file.Length;
        written = file.LastWriteTimeUtc;
    }

    public override string Name => Path.GetFileName(path);

    public override string Location => Path.GetDirectoryName(path)!;

    public override long StoredBytes => length;

    public static Task<FileSource> FindAsync(string path, CancellationToken cancellationToken) => FindAsync(path, TrustedKeys.None, [], cancellationToken);

    public static async Task<FileSource> FindAsync(string path, TrustedKeys trusted, IReadOnlyList<AgeIdentity> identities, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        var manifest = await ReadManifestAsync(full, trusted, identities, cancellationToken);
        return new FileSource(full, new FileInfo(full))
        {
            Manifest = manifest,
            Identities = identities,
            Untrusted = manifest is null ? trusted.WhyNot() : manifest.Untrusted,
            TakenAt = manifest?.StartedAt ?? BackupName.TimeOf(Path.GetFileName(full)),
        };
    }

    public override Task<Stream> OpenAsync(CancellationToken cancellationToken) => Task.FromResult<Stream>(Open(path));

    public override async Task<Stream?> OpenAccessAsync(CancellationToken cancellationToken)
    {
        var access = path + BackupName.AccessSuffixOf(path);
        if (!File.Exists(access)) return null;
        await using var file = Open(access);
        return await CheckedAsync(file, cancellationToken);
    }

    private FileStream Open(string file)
    {
        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            if (file != path || (stream.Length == length && File.GetLastWriteTimeUtc(path) == written)) return stream;
            stream.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeepSightException(FailureKind.Failed, $"'{file}' can't be read: {e.Message.TrimEnd('.')}.", "check the path and its permissions.", e);
        }

        throw new DeepSightException(FailureKind.Corrupt, $"'{path}' was replaced since it was looked at.", "is something still writing it? Run the restore again.");
    }

    /// <summary>A folder of backups made before restores is part of their names.</summary>
    private static string NameFor(string dump)
    {
        var name = Path.GetFileName(dump);
        return Path.GetFileName(Path.GetDirectoryName(dump)) + "/" == BackupName.PreRestoreFolder ? BackupName.PreRestoreFolder + name : name;
    }

    private static async Task<BackupManifest?> ReadManifestAsync(string dump, TrustedKeys trusted, IReadOnlyList<AgeIdentity> identities, CancellationToken cancellationToken)
    {
        var file = dump + BackupName.ManifestSuffix;
        if (!File.Exists(file)) return null;
        try
        {
            await using var content = File.OpenRead(file);
            return await ManifestFile.ReadAsync(content, NameFor(dump), trusted, identities, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }

        DeepSightException Unreadable(Exception inner) => new(FailureKind.Corrupt, $"The manifest '{file}' can't be read.",
            "it was written by a newer version, or altered; without the file beside the backup, the backup is restored by its trailer alone.", inner);
    }
}
