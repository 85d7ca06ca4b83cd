using System.ComponentModel.DataAnnotations;
using DeepSight.Core.Settings;

namespace DeepSight.Core.Migrations;

/// <summary>Where the schema's history lies and how it is applied.</summary>
public sealed record MigrationSettings
{
    [Setting("MIGRATIONS_DIR", "Folder of the migrations: up/, down/ and RoundhousE's other folders. Default: migrations beside the program.")]
    public string Directory { get; init; } = Path.Combine(AppContext.BaseDirectory, "migrations");

    [Setting("MIGRATIONS_SCHEMA", "Folder of the declared schema, which `migrate new --autogenerate` compares with the migrations. Default: schema beside MIGRATIONS_DIR.")]
    public string? Schema { get; init; }

    [Setting("MIGRATIONS_AUTO", "When pending migrations are applied unasked: after-backup, startup or off.")]
    public AutoMigration Auto { get; init; } = AutoMigration.AfterBackup;

    [Setting("MIGRATIONS_ENVIRONMENT", "Names of this environment, comma-separated; files named *.ENV.* run only where one of theirs is set.")]
    public IReadOnlyList<string> Environments { get; init; } = [];

    [Setting("MIGRATIONS_TOKENS", "Values for {{tokens}} in scripts: name=value, comma-separated.", Secret = true)]
    public IReadOnlyList<string> Tokens { get; init; } = [];

    [Setting("MIGRATIONS_JOURNAL_SCHEMA", "Schema of the journal's tables. Default: roundhouse or grate, whichever is there; else roundhouse.")]
    [RegularExpression("[A-Za-z_][A-Za-z0-9_]{0,62}", ErrorMessage = "a plain name")]
    public string? JournalSchema { get; init; }

    [Setting("MIGRATIONS_LOCK_TIMEOUT_SECONDS", "How long a statement waits for a lock, and with it everything queued behind it, before it steps back.")]
    [Range(1, 3600)]
    public int LockTimeoutSeconds { get; init; } = 5;

    [Setting("MIGRATIONS_LOCK_RETRIES", "How many more times a migration is tried that could not get a lock.")]
    [Range(0, 1000)]
    public int LockRetries { get; init; } = 10;

    [Setting("MIGRATIONS_WAIT_MINUTES", "How long to wait for another job on the same database.")]
    [Range(0, 1440)]
    public int WaitMinutes { get; init; } = 10;

    /// <summary>The folder of the declared schema; it need not be there.</summary>
    public string SchemaDirectory => Schema ?? Path.Combine(Path.GetFullPath(Directory), "..", "schema");

    internal IEnumerable<string> Validate()
    {
        foreach (var token in Tokens)
            if (token.IndexOf('=', StringComparison.Ordinal) < 1)
                yield return "MIGRATIONS_TOKENS has an entry that is not name=value.";
    }
}

/// <summary>When pending migrations are applied without being asked for: <c>MIGRATIONS_AUTO</c>.</summary>
public enum AutoMigration
{
    /// <summary>After a successful scheduled backup.</summary>
    AfterBackup,

    /// <summary>When the host starts.</summary>
    Startup,

    /// <summary>Never.</summary>
    Off,
}
