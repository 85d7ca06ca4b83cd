using System.IO.Compression;
using DeepSight.Core.Catalog;
using DeepSight.Core.Dumps;
using ZstdSharp;

namespace DeepSight.Core.Drills;

/// <summary>
/// Checks a backup by nothing but its own file: the hash of what is stored, its decompression, the dump's trailer, and every
/// table's rows and checksum against the manifest. No server is needed; whether it restores only a drill can tell.
/// </summary>
public static class FileCheck
{
    /// <summary>Reads the whole backup once.</summary>
    /// <returns>What the file really holds.</returns>
    /// <exception cref="DeepSightException">It is not what its manifest says (<see cref="FailureKind.Corrupt"/>), or can't be read.</exception>
    public static async Task<DumpSummary> RunAsync(BackupCatalog catalog, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var stored = await catalog.Store.OpenReadAsync(manifest.Name, 0, null, cancellationToken);
        await using var hashed = new HashingStream(stored);
        var summary = await InspectAsync(hashed, manifest, cancellationToken);
        var sha256 = await hashed.FinishAsync(cancellationToken);

        if (sha256 != manifest.Sha256)
            throw Corrupt(manifest, $"its SHA-256 is {sha256}, the manifest says {manifest.Sha256}");
        if (!summary.IsComplete)
            throw Corrupt(manifest, summary.EndsInside is { } place ? $"the dump ends inside {place}" : "the dump's trailer is missing");
        if (DumpComparison.Of(manifest.Summary, summary).Differences is [var first, ..])
            throw Corrupt(manifest, first.Message);
        return summary;
    }

    private static async Task<DumpSummary> InspectAsync(Stream stored, BackupManifest manifest, CancellationToken cancellationToken)
    {
        var inspector = new DumpInspector();
        try
        {
            await using Stream sql = manifest.Name.EndsWith(".zst", StringComparison.Ordinal)
                ? new DecompressionStream(stored, leaveOpen: true)
                : new GZipStream(stored, CompressionMode.Decompress, leaveOpen: true);
            var buffer = new byte[1 << 18];
            while (await sql.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                inspector.Append(buffer.AsSpan(0, read));
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            throw Corrupt(manifest, $"it can't be decompressed beyond {inspector.SqlBytes:N0} bytes of SQL", e);
        }

        return inspector.Complete();
    }

    private static DeepSightException Corrupt(BackupManifest manifest, string reason, Exception? inner = null) => new(FailureKind.Corrupt,
        $"The backup '{manifest.Name}' is corrupt: {reason}.",
        "restore an earlier backup, or a copy of this one from another store; `deepsight list` shows them.", inner);
}
