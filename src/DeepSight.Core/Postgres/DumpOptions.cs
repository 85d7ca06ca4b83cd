namespace DeepSight.Core.Postgres;

/// <summary>What pg_dump is told beyond what every dump of ours has in common.</summary>
public sealed record DumpOptions
{
    public DumpContent Content { get; init; } = DumpContent.Everything;

    /// <summary>As <see cref="ServerInfo.SharesOwnSchema"/> of that very database says.</summary>
    public bool SharesOwnSchema { get; init; }

    /// <summary>Arguments of pg_dump that name schemas and tables to leave out.</summary>
    public IReadOnlyList<string> LeavesOut { get; init; } = [];

    /// <summary>Patterns of pg_dump for tables whose rows are left out, though not what they are.</summary>
    public IReadOnlyList<string> WithoutRowsOf { get; init; } = [];

    /// <summary>How long it waits for a table that is being altered before it gives up. Default: 60 s.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Exported by a session that is still open; null takes one of its own.</summary>
    public string? Snapshot { get; init; }

    /// <summary>As pg_stat_activity shows it.</summary>
    public string ApplicationName { get; init; } = "deepsight backup";
}

/// <summary>What of a database is dumped.</summary>
public enum DumpContent
{
    /// <summary>Schema and data, without owners and grants: restores anywhere.</summary>
    Everything,

    /// <summary>The schema alone, with owners and grants.</summary>
    SchemaWithAccess,
}
