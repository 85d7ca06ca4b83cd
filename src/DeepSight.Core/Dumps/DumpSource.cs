using System.Security.Cryptography;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps.Sealing;

namespace DeepSight.Core.Dumps;

/// <summary>A dump to restore: where it lies and what is known of it before it is read.</summary>
public abstract class DumpSource
{
    /// <summary>For people and records: a backup's name, or a file's path.</summary>
    public abstract string Name { get; }

    /// <summary>For people: the store's location, or the file's folder.</summary>
    public abstract string Location { get; }

    /// <summary>Of the stored, compressed file.</summary>
    public abstract long StoredBytes { get; }

    /// <summary>What it must hold; null for the old tool's backups and dumps made by hand.</summary>
    public BackupManifest? Manifest { get; protected init; }

    /// <summary>Why it is not to be trusted; null when one of RESTORE_TRUSTED_KEYS signed it, or none is set.</summary>
    public string? Untrusted { get; protected init; }

    /// <summary>What it is opened with, where it is sealed.</summary>
    internal IReadOnlyList<AgeIdentity> Identities { get; private protected init; } = [];

    /// <summary>As far as name and manifest tell; a file made by hand shows it when it is read.</summary>
    public bool IsSealed => Manifest?.Recipients is not null || BackupName.IsSealedName(Name);

    /// <summary>When the dump was begun, UTC: by the manifest, else by the name; null when neither tells.</summary>
    public DateTimeOffset? TakenAt { get; protected init; }

    /// <summary>When a drill last proved that it restores; null when none did.</summary>
    public DateTimeOffset? ProvenAt { get; protected init; }

    /// <summary>Opens the stored bytes from the start. Every opening gives the same content or fails.</summary>
    /// <exception cref="DeepSightException">It can't be read, or was replaced since it was found.</exception>
    public abstract Task<Stream> OpenAsync(CancellationToken cancellationToken);

    /// <summary>The access file, checked against the manifest and opened where it is sealed; null when there is none.</summary>
    /// <exception cref="DeepSightException">It isn't what the manifest says, or can't be opened (<see cref="FailureKind.Corrupt"/>).</exception>
    public abstract Task<Stream?> OpenAccessAsync(CancellationToken cancellationToken);

    /// <summary>Its bytes; null when there is none.</summary>
    /// <inheritdoc cref="OpenAccessAsync"/>
    internal async Task<byte[]?> ReadAccessAsync(CancellationToken cancellationToken)
    {
        await using var access = await OpenAccessAsync(cancellationToken);
        if (access is null) return null;

        using var bytes = new MemoryStream();
        await access.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    /// <summary>An access file is small: it is taken into memory and checked.</summary>
    private protected async Task<Stream> CheckedAsync(Stream content, CancellationToken cancellationToken)
    {
        const int most = 16 << 20;
        var memory = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            memory.Write(buffer, 0, read);
            if (memory.Length > most) throw Wrong("is far too large for one");
        }

        memory.Position = 0;
        if (Manifest is { AccessSha256: null }) throw Wrong("is not of this backup: its manifest names none");
        if (Manifest?.AccessSha256 is { } expected && Convert.ToHexStringLower(SHA256.HashData(memory.GetBuffer().AsSpan(0, (int)memory.Length))) != expected)
            throw Wrong("does not have the checksum that the manifest says");
        return AgeReader.IsStart(memory.GetBuffer().AsSpan(0, (int)memory.Length)) ? await OpenedAsync(memory, cancellationToken) : memory;

        DeepSightException Wrong(string what) => new(FailureKind.Corrupt, $"The access file of '{Name}' {what}.",
            "restore another backup; or move that file away, and grants come from the target alone.");
    }

    private async Task<MemoryStream> OpenedAsync(MemoryStream file, CancellationToken cancellationToken)
    {
        await using var opened = await SealedFile.OpenAsync(this, file, cancellationToken);
        var content = new MemoryStream();
        await opened.CopyToAsync(content, cancellationToken);
        content.Position = 0;
        return content;
    }
}
