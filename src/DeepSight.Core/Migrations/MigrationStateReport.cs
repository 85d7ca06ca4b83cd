namespace DeepSight.Core.Migrations;

/// <summary>A database against the files: <c>migrate current --json</c>, <c>migrate check --json</c> and <c>GET migrations</c>.</summary>
public sealed record MigrationStateReport
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

    public static MigrationStateReport Of(MigrationState state) => new()
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

    /// <summary>A script that was applied under another name.</summary>
    public sealed record Rename(string From, string To);
}
