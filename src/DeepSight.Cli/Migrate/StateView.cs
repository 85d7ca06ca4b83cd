using DeepSight.Core.Migrations;

namespace DeepSight.Cli.Migrate;

/// <summary>A database against the files, for <c>current</c> and <c>check</c>.</summary>
internal static class StateView
{
    /// <summary>One line for whatever is not as it should be.</summary>
    public static IEnumerable<string> Attention(MigrationState state) =>
    [
        .. state.Drift,
        .. state.OutOfOrder.Select(revision => $"up/{revision.File} came late: something applied already follows it"),
        .. state.Files.Ignored.Select(file => $"{file} is hidden, and no migration"),
        .. state.Interrupted.Select(revision => $"{revision} was cut off; the next up settles it"),
        .. state.IsAlembics ? ["Alembic manages this database; `deepsight migrate adopt-alembic` takes it over"] : (string[])[],
        .. state.Hold is { } hold ? [$"automatic migration is held since {hold}"] : (string[])[],
    ];
}
