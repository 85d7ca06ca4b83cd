using DeepSight.Core.Catalog;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Drills;

/// <summary>Which copy of which backup to prove, and how.</summary>
/// <param name="RecordStores">Where the run record goes.</param>
/// <param name="Trigger">For the run record: <c>command</c>, <c>timer</c>, <c>http</c>.</param>
public sealed record DrillRequest(BackupCatalog Catalog, BackupEntry Entry, IReadOnlyList<IBackupStore> RecordStores, string Trigger);
