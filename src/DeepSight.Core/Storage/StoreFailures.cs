namespace DeepSight.Core.Storage;

/// <summary>Failures that every store words alike.</summary>
internal static class StoreFailures
{
    public static DeepSightException NotFound(string name, string location) =>
        new(FailureKind.NothingToDo, $"There is no '{name}' in {location}.", "`deepsight list` shows the backups that are there.");

    public static DeepSightException Replaced(string name, string location) =>
        new(FailureKind.Corrupt, $"'{name}' in {location} was replaced by other content while it was being read.",
            "backups never change: find out what else writes there, then start again.");

    public static DeepSightException Exists(string name, string location) =>
        new(FailureKind.Busy, $"'{name}' exists already in {location}: another process wrote it meanwhile.", "nothing was overwritten; try again.");
}
