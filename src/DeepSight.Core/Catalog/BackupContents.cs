using DeepSight.Core.Dumps;
using DeepSight.Core.Dumps.Sealing;

namespace DeepSight.Core.Catalog;

/// <summary>What a backup holds, as its manifest tells: two of these show what changed between two backups.</summary>
/// <param name="Statements">Of the schema. PostgreSQL rewords some after a restore: another checksum may be another wording.</param>
/// <param name="Values">Outside tables: sequences, large objects.</param>
public sealed record BackupContents(string Name, DateTimeOffset Time, string ServerVersion, string PgDumpVersion, SchemaPosition? Migrations, long Rows,
    IReadOnlyList<TableSummary> Tables, StatementSummary Statements, StatementSummary Values)
{
    /// <exception cref="DeepSightException">No store holds it, or it has no manifest that can be read.</exception>
    public static async Task<BackupContents> ReadAsync(BackupStores stores, string name, CancellationToken cancellationToken)
    {
        var backup = await stores.GetAsync(name, cancellationToken);
        var (catalog, entry) = backup.Places.FirstOrDefault(place => place.Entry.IsGood, backup.Places[0]);
        var manifest = await catalog.ReadManifestAsync(entry.Name, cancellationToken) ?? throw new DeepSightException(FailureKind.NothingToDo,
            $"'{name}' has no manifest: nothing tells what it holds.", "it was made by the old tool; `deepsight verify` restores it and counts.");
        var rows = manifest.Rows ?? throw SealedFile.NoIdentity(name, manifest, catalog.Identities);
        return new BackupContents(manifest.Name, entry.Name.Time, manifest.ServerVersion, manifest.PgDumpVersion, manifest.Migrations, rows,
            manifest.Tables, manifest.Statements, manifest.Values);
    }
}
