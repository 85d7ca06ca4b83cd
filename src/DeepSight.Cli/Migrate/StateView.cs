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

/// <summary>A database against the files: <c>migrate current</c> and <c>migrate check</c>.</summary>
internal sealed record MigrationStateJson
{
    public required string? CurrentRevision { get; init; }

    public required string? HeadRevision { get; init; }

    public required bool IsUpToDate { get; init; }

    public required IReadOnlyList<string> Pending { get; init; }

    public required IReadOnlyList<string> PendingScripts { get; init; }

    public required IReadOnlyList<string> Changed { get; init; }

    public required IReadOnlyList<Rename> Renamed { get; init; }

    public required IReadOnlyList<string> Unknown { get; init; }

    public required IReadOnlyList<string> OutOfOrder { get; init; }

    public required IReadOnlyList<string> Interrupted { get; init; }

    public required string? Hold { get; init; }

    public required IReadOnlyList<string> Alembic { get; init; }

    /// <summary>Of <c>check</c>: where the declared schema differs from the head; null where none is declared.</summary>
    public IReadOnlyList<string>? DeclaredDifferences { get; init; }

    /// <summary>Of <c>check</c>: where the database differs from the head; null where no schema is declared.</summary>
    public IReadOnlyList<string>? DatabaseDifferences { get; init; }

    public static MigrationStateJson Of(MigrationState state) => new()
    {
        CurrentRevision = state.CurrentRevision,
        HeadRevision = state.HeadRevision,
        IsUpToDate = state.IsUpToDate,
        Pending = [.. state.Pending.Select(revision => revision.Id)],
        PendingScripts = [.. state.PendingScripts.Select(script => script.Display)],
        Changed = [.. state.Changed.Select(revision => revision.Id)],
        Renamed = [.. state.Renamed.Select(pair => new Rename(pair.Entry.ScriptName, pair.Revision.File))],
        Unknown = [.. state.Unknown.Select(entry => entry.ScriptName)],
        OutOfOrder = [.. state.OutOfOrder.Select(revision => revision.Id)],
        Interrupted = state.Interrupted,
        Hold = state.Hold,
        Alembic = state.IsAlembics || state.AlembicWentOn ? state.Alembic : [],
    };

    internal sealed record Rename(string From, string To);
}
