using DeepSight.Core.Migrations.Files;
using DeepSight.Core.Migrations.Graph;

namespace DeepSight.Core.Migrations.Running;

/// <summary>Which scripts an <c>up</c> runs, in which order.</summary>
internal static class MigrationPlan
{
    /// <param name="isNew">The database is empty and without a journal: as if we had created it.</param>
    public static IReadOnlyList<ScriptJob> Up(MigrationState state, string target, bool isNew)
    {
        var revisions = new UpgradePlanner(state.Graph).Plan(state.Applied, target)
            .Select(revision => new ScriptJob(state.Files.Up(revision), revision)).ToList();

        // The other folders are written for the latest schema: on the way there they would fail, or freeze it.
        var reachesHead = state.Applied.Count + revisions.Count == state.Graph.Revisions.Count;
        return reachesHead
            ? [.. ScriptFolder.InOrder.SelectMany(folder => folder == ScriptFolder.Up ? [.. revisions, .. Others(state, folder, isNew)] : Others(state, folder, isNew))]
            : revisions;
    }

    /// <exception cref="DeepSightException">A revision on the way can't be undone: then nothing is.</exception>
    public static IReadOnlyList<ScriptJob> Down(MigrationState state, string target) =>
    [
        .. new DowngradePlanner(state.Graph).Plan(state.Applied, target).Select(revision => revision switch
        {
            { Irreversible: { } why } => throw new DeepSightException(FailureKind.Refused,
                $"{revision} can't be undone: {why}. Nothing was changed.", "restore a backup from before it, or write a revision that leads on."),
            _ when state.Files.Down(revision) is { } down => new ScriptJob(down, revision, state.Files.Up(revision)),
            _ => throw new DeepSightException(FailureKind.Refused,
                $"{revision} has no file down/{revision.File}, so it can't be undone. Nothing was changed.",
                "write it; or, if it can't be undone, say so with `-- irreversible: why` in the file in up/."),
        }),
    ];

    private static IEnumerable<ScriptJob> Others(MigrationState state, ScriptFolder folder, bool isNew) =>
        state.Files.Scripts.Where(script => script.Folder == folder && script.Runs != RunKind.Revision && IsDue(state, script, isNew))
            .Select(script => new ScriptJob(script, null));

    private static bool IsDue(MigrationState state, MigrationScript script, bool isNew) => script.Runs switch
    {
        RunKind.EveryTime => true,
        RunKind.Once => isNew && state.Journal.Find(script) is null,
        RunKind.AnyTime => state.IsDue(script),
        _ => false,
    };
}
