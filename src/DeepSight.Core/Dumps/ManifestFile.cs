using System.Text.Json;
using DeepSight.Core.Age;
using DeepSight.Core.Dumps.Sealing;
using DeepSight.Core.Dumps.Signing;

namespace DeepSight.Core.Dumps;

/// <summary>The one door through which manifests come in: somebody else may have written what lies in a store.</summary>
internal static class ManifestFile
{
    /// <summary>Of a hundred thousand tables with twenty columns each.</summary>
    private const int MostBytes = 64 << 20;

    /// <param name="found">The name of the backup that it lies beside.</param>
    /// <param name="identities">What is sealed of it is opened with one of them, where one does.</param>
    /// <exception cref="JsonException">It is none, of a newer version, or says what can't be.</exception>
    public static async Task<BackupManifest> ReadAsync(Stream content, string found, TrustedKeys trusted, IReadOnlyList<AgeIdentity> identities, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MostBytes) throw new JsonException("It is too large for a manifest.");
        }
        return await SealedManifest.OpenAsync(Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), found, trusted), identities, cancellationToken);
    }

    /// <summary>The same, with what is sealed of it still closed.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static BackupManifest Parse(ReadOnlySpan<byte> bytes, string found, TrustedKeys trusted)
    {
        var manifest = Json.Read<BackupManifest>(bytes);
        if (manifest is not { SchemaVersion: > 0 and <= BackupManifest.CurrentSchemaVersion }) throw new JsonException("It is of another version.");
        return manifest with { Untrusted = trusted.WhyNot(bytes, manifest.Name, found) };
    }
}
