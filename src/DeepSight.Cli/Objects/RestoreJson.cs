using DeepSight.Core.Restore;

namespace DeepSight.Cli.Objects;

/// <summary><c>restore</c>.</summary>
internal sealed record RestoreJson
{
    public required bool Restored { get; init; }

    public required RestorePlanJson Plan { get; init; }

    public required int Tables { get; init; }

    public required long Rows { get; init; }

    public required long SqlBytes { get; init; }

    public required string? Sha256 { get; init; }

    public required string? PreRestoreBackup { get; init; }

    public required double Seconds { get; init; }

    public required double? UnavailableSeconds { get; init; }

    public required bool ContentCompared { get; init; }

    public required int ToleratedErrors { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public static RestoreJson Of(RestoreResult result) => new()
    {
        Restored = result.Restored,
        Plan = RestorePlanJson.Of(result.Plan),
        Tables = result.Tables,
        Rows = result.Rows,
        SqlBytes = result.SqlBytes,
        Sha256 = result.Sha256,
        PreRestoreBackup = result.PreRestoreBackup,
        Seconds = result.Elapsed.TotalSeconds,
        UnavailableSeconds = result.Unavailable?.TotalSeconds,
        ContentCompared = result.ContentCompared,
        ToleratedErrors = result.ToleratedErrors,
        Notes = result.Notes,
    };
}
