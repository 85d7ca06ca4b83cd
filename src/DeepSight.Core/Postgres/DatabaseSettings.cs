using DeepSight.Core.Settings;

namespace DeepSight.Core.Postgres;

/// <summary>Which database is guarded.</summary>
public sealed class DatabaseSettings
{
    [Setting("DATABASE_URL", "The database to guard: postgresql://user:password@host:port/name, or an Npgsql connection string.",
        Secret = true, Example = "postgresql://user:password@localhost:5432/app")]
    public string? Url { get; init; }

    [Setting("DATABASE_DIRECT_URL", "The same database without a connection pooler in between; preferred by all jobs but health.", Secret = true)]
    public string? DirectUrl { get; init; }

    [Setting("VERIFY_DATABASE_URL", "A server on which drills may create and drop scratch databases.", Secret = true)]
    public string? VerifyUrl { get; init; }

    [Setting("POSTGRES_CLIENT_DIR", "A client bundle to use instead of the one beside the program.")]
    public string? ClientDir { get; init; }

    /// <summary>The database as jobs reach it: without a pooler when that way is known.</summary>
    /// <exception cref="DeepSightException">Neither setting is there, or the one that is can't be read.</exception>
    public DatabaseUrl ForJobs() =>
        DirectUrl is null ? ForHealth()
        : DatabaseUrl.Parse(DirectUrl, "DATABASE_DIRECT_URL") with { OtherHost = Url is null ? null : DatabaseUrl.Parse(Url, "DATABASE_URL").Host };

    /// <summary>The database as the application reaches it.</summary>
    /// <exception cref="DeepSightException">Neither setting is there, or the one that is can't be read.</exception>
    public DatabaseUrl ForHealth() =>
        Url is not null ? DatabaseUrl.Parse(Url, "DATABASE_URL")
        : DirectUrl is not null ? DatabaseUrl.Parse(DirectUrl, "DATABASE_DIRECT_URL")
        : throw new DeepSightException(FailureKind.InvalidInput, "DATABASE_URL is not set.",
            "set it to the database to guard: postgresql://user:password@host:5432/name.");

    /// <summary>Where drills restore to; null when drills are off.</summary>
    /// <exception cref="DeepSightException">The setting can't be read.</exception>
    public DatabaseUrl? ForDrills() => VerifyUrl is null ? null : DatabaseUrl.Parse(VerifyUrl, "VERIFY_DATABASE_URL");

    internal IEnumerable<string> Validate() =>
        new[] { Unreadable(Url, "DATABASE_URL"), Unreadable(DirectUrl, "DATABASE_DIRECT_URL"), Unreadable(VerifyUrl, "VERIFY_DATABASE_URL") }
            .OfType<string>();

    private static string? Unreadable(string? value, string setting)
    {
        try
        {
            if (value is not null) DatabaseUrl.Parse(value, setting);
            return null;
        }
        catch (DeepSightException e)
        {
            // The hint knows the form that was meant; that of all settings together doesn't.
            return e.Hint is { } hint ? $"{e.Message} {char.ToUpperInvariant(hint[0])}{hint[1..]}" : e.Message;
        }
    }
}
