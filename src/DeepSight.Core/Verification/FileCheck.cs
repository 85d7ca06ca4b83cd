using System.IO.Compression;
using System.Security.Cryptography;
using DeepSight.Core.Backup;
using ZstdSharp;

namespace DeepSight.Core.Verification;

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

    /// <summary>Hashes what is read through it.</summary>
    private sealed class HashingStream(Stream inner) : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            hash.AppendData(buffer.Span[..read]);
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            hash.AppendData(buffer, offset, read);
            return read;
        }

        /// <summary>Reads what the decompressor left (bytes after the end are part of the file too) and gives the hash of it all.</summary>
        public async Task<string> FinishAsync(CancellationToken cancellationToken)
        {
            await CopyToAsync(Null, cancellationToken);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
