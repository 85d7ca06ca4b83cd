using DeepSight.Core.Migrations;

namespace DeepSight.Cli.Migrate;

/// <summary>A database against the files, for <c>current</c> and <c>check</c>.</summary>
internal static class StateView
{
    /// <summary>One line for whatever is not as it should be.</summary>
    public static IEnumerable<string> Attention(MigrationState state) =>
    [
        .. state.Changed.Select(revision => $"up/{revision.File} changed after it was applied"),
        .. state.Renamed.Select(pair => $"up/{pair.Revision.File} was applied as {pair.Entry.ScriptName}"),
        .. state.Unknown.Select(entry => $"{entry.ScriptName} was applied, and is in no file any more"),
        .. state.OutOfOrder.Select(revision => $"up/{revision.File} came late: something applied already follows it"),
        .. state.Interrupted.Select(revision => $"{revision} was cut off; the next up settles it"),
        .. state.IsAlembics ? ["Alembic manages this database; `deepsight migrate adopt-alembic` takes it over"] : (string[])[],
        .. state.LeavesOutSample ? [$"{state.Files.Directory} holds the sample's migrations, which are not for this database: MIGRATIONS_DIR names your own"] : (string[])[],
        .. state.Hold is { } hold ? [$"automatic migration is held since {hold}"] : (string[])[],
    ];
}
