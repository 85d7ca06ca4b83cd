using System.Text.Json;
using DeepSight.Core.Dumps.Signing;

namespace DeepSight.Core.Dumps;

/// <summary>The one door through which manifests come in: somebody else may have written what lies in a store.</summary>
internal static class ManifestFile
{
    /// <summary>Of a hundred thousand tables with twenty columns each.</summary>
    private const int MostBytes = 64 << 20;

    /// <summary>Of rows and bytes, so that sums of them stay numbers.</summary>
    private const long Most = 1L << 50;

    /// <param name="found">The name of the backup that it lies beside.</param>
    /// <exception cref="JsonException">It is none, of a newer version, or says what can't be.</exception>
    public static async Task<BackupManifest> ReadAsync(Stream content, string found, TrustedKeys trusted, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MostBytes) throw new JsonException("It is too large for a manifest.");
        }
        return Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), found, trusted);
    }

    /// <inheritdoc cref="ReadAsync"/>
    public static BackupManifest Parse(ReadOnlySpan<byte> bytes, string found, TrustedKeys trusted)
    {
        var manifest = Json.Read<BackupManifest>(bytes);
        if (manifest is not { SchemaVersion: > 0 and <= BackupManifest.CurrentSchemaVersion }) throw new JsonException("It is of another version.");
        if (WhatIsWrong(manifest) is { } what) throw new JsonException(what);
        return manifest with { Untrusted = trusted.WhyNot(bytes, manifest.Name, found) };
    }

    private static string? WhatIsWrong(BackupManifest manifest)
    {
        if (new[] { manifest.Name, manifest.DatabaseId, manifest.Format, manifest.Database, manifest.ServerVersion, manifest.PgDumpVersion, manifest.ToolVersion, manifest.Sha256 }
            .Any(text => text is not { Length: < 1000 })) return "A name is missing or too long.";
        if (!Enum.IsDefined(manifest.Kind)) return "Its kind is none.";
        if (!IsCount(manifest.StoredBytes) || !IsCount(manifest.SqlBytes)) return "A size is none.";
        if (manifest.Tables is null || manifest.Tables.Any(table => table is not { Name: not null, Columns: not null, Checksum: not null }
            || !IsCount(table.Rows) || !IsCount(table.Bytes) || table.Columns.Any(column => column is null))) return "A table is none.";
        if (!IsCount(manifest.Tables.Sum(table => (decimal)table.Rows))) return "Its rows are too many.";
        if (manifest.Roles.Concat(manifest.Extensions).Concat(manifest.SuperuserNeeds ?? []).Any(name => name is null)) return "A role or an extension is none.";
        return IsSummary(manifest.Statements) && IsSummary(manifest.Values) ? null : "Its statements are not counted.";
    }

    private static bool IsSummary(StatementSummary? summary) => summary is { Checksum: not null } && IsCount(summary.Count);

    private static bool IsCount(decimal number) => number is >= 0 and <= Most;
}
