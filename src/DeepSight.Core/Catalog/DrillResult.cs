using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeepSight.Core.Catalog;

/// <summary>
/// A drill that succeeded: the backup was restored and a dump of what was restored agrees with it. Lies beside the backup as
/// <c>.verified.json</c>; one that turns out not to restore loses it, so that the name alone is a proof.
/// </summary>
public sealed record DrillResult : IJsonOnDeserialized
{
    public const int CurrentSchemaVersion = 1;

    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    public required string Name { get; init; }

    /// <summary>True in every file; for whoever reads one without knowing this.</summary>
    public bool Succeeded { get; init; } = true;

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>From an empty server to a loaded database with its indexes and constraints: the time to restore (RTO).</summary>
    public required double RestoreSeconds { get; init; }

    /// <summary>SHA-256 of the very file that was restored.</summary>
    public required string Sha256 { get; init; }

    /// <summary>It was restored on this version: <c>17.12</c>.</summary>
    public required string ServerVersion { get; init; }

    public required string ToolVersion { get; init; }

    public required int Tables { get; init; }

    public required long Rows { get; init; }

    /// <summary>What could be compared only in part, and why.</summary>
    [AllowNull]
    public IReadOnlyList<string> Notes { get; init => field = value ?? []; } = [];

    [JsonIgnore]
    public TimeSpan RestoreTime => TimeSpan.FromSeconds(RestoreSeconds);

    void IJsonOnDeserialized.OnDeserialized()
    {
        RecordCheck.Require(double.IsFinite(RestoreSeconds) && RestoreSeconds is >= 0 and < 1e9, "restore_seconds");
        RecordCheck.Require(FinishedAt >= StartedAt, "finished_at");
        RecordCheck.Hash(Sha256, "sha256");
        RecordCheck.Count(Rows, "rows");
        RecordCheck.Count(Tables, "tables");
        RecordCheck.Texts(Notes, "notes");
    }

    /// <summary>Of a backup that has one; null when it is gone or can't be read.</summary>
    public static async Task<DrillResult?> FindAsync(BackupCatalog catalog, BackupEntry entry, CancellationToken cancellationToken)
    {
        if (!entry.HasDrill) return null;
        try
        {
            await using var content = await catalog.Store.OpenReadAsync(entry.Name.Verified, 0, null, cancellationToken);
            return await Json.ReadAsync<DrillResult>(content, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or DeepSightException { Kind: FailureKind.NothingToDo or FailureKind.Corrupt })
        {
            // Gone or replaced meanwhile, or of another version: it proves nothing here, and nothing is decided by it.
            return null;
        }
    }
}
