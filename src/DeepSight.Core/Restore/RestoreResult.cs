using DeepSight.Core.Dumps;

namespace DeepSight.Core.Restore;

/// <summary>What a restore came to.</summary>
public sealed record RestoreResult
{
    public required RestorePlan Plan { get; init; }

    /// <summary>False for a dry run, and for a request that was done before.</summary>
    public required bool Restored { get; init; }

    public int Tables { get; init; }

    /// <summary>Confirmed by the server, table by table.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that came by INSERT: the server's answers to these are not counted.</summary>
    public long Inserts { get; init; }

    public long SqlBytes { get; init; }

    /// <summary>Of the stored file.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The pre-restore backup's name; null when none was taken.</summary>
    public string? PreRestoreBackup { get; init; }

    public TimeSpan Elapsed { get; init; }

    /// <summary>How long no database had the target's name or let anyone in; null where there was no swap.</summary>
    public TimeSpan? Unavailable { get; init; }

    /// <summary>Errors that were passed over on request.</summary>
    public int ToleratedErrors { get; init; }

    /// <summary>Whether a dump of the restored database was compared.</summary>
    public bool ContentCompared { get; init; }

    /// <summary>What was left out of the dump, what could not be granted, and the like.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What a mode of restore came to.</summary>
/// <param name="Summary">Of the dump that was loaded.</param>
/// <param name="Notes">What was left out or could not be granted.</param>
internal sealed record Restored(DumpSummary Summary, string Sha256, TimeSpan? Unavailable, IReadOnlyList<string> Notes, int ToleratedErrors = 0);
