using DeepSight.Core.Postgres;
using DeepSight.Core.Storage;

namespace DeepSight.Core.Restore;

/// <summary>Which restore to undo.</summary>
/// <param name="Confirm">The target may be production.</param>
/// <param name="Stores">Where the run record goes.</param>
/// <param name="Trigger">For the run record: <c>command</c>.</param>
public sealed record UndoRequest(DatabaseUrl Target, bool Confirm, bool DryRun, IReadOnlyList<IBackupStore> Stores, string Trigger)
{
    /// <summary>Replication slots and subscriptions of the present database are dropped.</summary>
    public bool DropReplication { get; init; }
}
