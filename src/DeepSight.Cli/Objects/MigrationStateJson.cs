using DeepSight.Core.Migrations;

namespace DeepSight.Cli.Objects;

/// <summary>A database against the files: <c>migrate current</c> and <c>migrate check</c>.</summary>
internal sealed record MigrationStateJson
{
    public required string? CurrentRevision { get; init; }

    public required string? HeadRevision { get; init; }

    public required bool IsUpToDate { get; init; }

    public required IReadOnlyList<string> Pending { get; init; }

    public required IReadOnlyList<string> Changed { get; init; }

    public required IReadOnlyList<Rename> Renamed { get; init; }

    public required IReadOnlyList<string> Unknown { get; init; }

    public required IReadOnlyList<string> OutOfOrder { get; init; }

    public required IReadOnlyList<string> Interrupted { get; init; }

    public required string? Hold { get; init; }

    public required IReadOnlyList<string> Alembic { get; init; }

    public static MigrationStateJson Of(MigrationState state) => new()
    {
        CurrentRevision = state.CurrentRevision,
        HeadRevision = state.HeadRevision,
        IsUpToDate = state.IsUpToDate,
        Pending = [.. state.Pending.Select(revision => revision.Id)],
        Changed = [.. state.Changed.Select(revision => revision.Id)],
        Renamed = [.. state.Renamed.Select(pair => new Rename(pair.Entry.ScriptName, pair.Revision.File))],
        Unknown = [.. state.Unknown.Select(entry => entry.ScriptName)],
        OutOfOrder = [.. state.OutOfOrder.Select(revision => revision.Id)],
        Interrupted = state.Interrupted,
        Hold = state.Hold,
        Alembic = state.IsAlembics ? state.Alembic : [],
    };

    internal sealed record Rename(string From, string To);
}
