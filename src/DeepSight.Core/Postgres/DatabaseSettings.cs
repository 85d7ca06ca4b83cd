using DeepSight.Core.Settings;

namespace DeepSight.Core.Postgres;

/// <summary>Which database is guarded.</summary>
public sealed class DatabaseSettings
{
    [Setting("DATABASE_URL", "The database to guard: postgresql://user:password@host:port/name, or an Npgsql connection string.", Secret = true)]
    public string? Url { get; init; }

    [Setting("DATABASE_DIRECT_URL", "The same database without a connection pooler in between; preferred by all jobs but health.", Secret = true)]
    public string? DirectUrl { get; init; }

    [Setting("VERIFY_DATABASE_URL", "A server on which drills may create and drop scratch databases.", Secret = true)]
    public string? VerifyUrl { get; init; }

    [Setting("POSTGRES_CLIENT_DIR", "A client bundle to use instead of the one beside the program.")]
    public string? ClientDir { get; init; }

    internal static IEnumerable<string> Validate() => [];
}
