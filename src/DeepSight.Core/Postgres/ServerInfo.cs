namespace DeepSight.Core.Postgres;

/// <summary>What a server says about itself and the database we are connected to.</summary>
public sealed record ServerInfo
{
    /// <summary>As the server writes it, with its distributor: <c>PostgreSQL 16.1 (Debian …) on x86_64…</c>.</summary>
    public required string FullVersion { get; init; }

    public required PostgresVersion Version { get; init; }

    public required string Database { get; init; }

    public required long DatabaseBytes { get; init; }

    /// <summary>The database's encoding as PostgreSQL names it: <c>UTF8</c>.</summary>
    public required string Encoding { get; init; }

    /// <summary><c>LC_COLLATE</c> of the database.</summary>
    public required string Collation { get; init; }

    public required bool IsSuperuser { get; init; }

    /// <summary>A standby: it can be dumped, not written to.</summary>
    public required bool IsInRecovery { get; init; }

    public required int MaxConnections { get; init; }

    /// <summary>On the whole server, all databases, ours included.</summary>
    public required int ActiveConnections { get; init; }

    public required bool IsEncrypted { get; init; }

    /// <summary>Ordinary and partitioned tables outside the system's schemas and ours.</summary>
    public required int TableCount { get; init; }

    /// <summary>The schema that our bookkeeping lies in holds an application's objects too, which are dumped.</summary>
    public required bool SharesOwnSchema { get; init; }

    /// <summary>By the server's clock, when it was asked.</summary>
    public required DateTimeOffset Time { get; init; }
}
