using System.Globalization;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Core.Postgres.Processes;

namespace DeepSight.Core.Postgres;

/// <summary>What we say to PostgreSQL's programs. How a program is run is <see cref="ToolProcess"/>'s business.</summary>
public static class PostgresTools
{
    /// <summary>
    /// What a dump's text depends on and pg_dump doesn't set itself: two dumps of equal data must be equal. Given as start-up
    /// options these win over ALTER DATABASE … SET and ALTER ROLE … SET.
    /// </summary>
    private static readonly Dictionary<string, string> Deterministic = new()
    {
        ["bytea_output"] = "hex",
        ["lc_monetary"] = "C",
        ["quote_all_identifiers"] = "off",
    };

    private static readonly string[] WithoutAccess = ["--no-owner", "--no-acl"];

    private static readonly string[] SchemaOnly = ["--schema-only"];

    /// <summary>Starts a plain-text dump in UTF-8; its statements are read from <see cref="ToolProcess.Output"/>.</summary>
    /// <exception cref="DeepSightException">pg_dump can't be started.</exception>
    public static ToolProcess StartDump(DatabaseUrl database, PostgresClient client, DumpOptions options, CancellationToken cancellationToken) =>
        Start(database, client, "pg_dump", options.ApplicationName, Deterministic,
            [
                "--format=plain",
                "--encoding=UTF8",
                .. options.Content == DumpContent.Everything ? WithoutAccess : SchemaOnly,
                "--no-tablespaces",
                "--no-subscriptions",
                // Our own bookkeeping is about this database, not part of it.
                .. OwnSchema.Excluding(options.SharesOwnSchema),
                .. options.LeavesOut,
                .. options.WithoutRowsOf.Select(table => "--exclude-table-data=" + table),
                .. options.Snapshot is { } snapshot ? new[] { "--snapshot=" + snapshot } : [],
                "--lock-wait-timeout=" + options.LockWait.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture),
                // Never ask for a password: there is nobody to answer.
                "--no-password",
                "--dbname=" + Connection(database),
            ],
            withInput: false, cancellationToken);

    /// <summary>
    /// Starts psql on <see cref="ToolProcess.Input"/>, stopping at the first error. Read <see cref="ToolProcess.Output"/>
    /// meanwhile: psql stops reading when what it prints is not taken.
    /// </summary>
    /// <exception cref="DeepSightException">psql can't be started.</exception>
    public static ToolProcess StartPsql(DatabaseUrl database, PostgresClient client, PsqlOptions options, CancellationToken cancellationToken) =>
        Start(database, client, "psql", options.ApplicationName, options.Settings,
            [
                "--no-psqlrc",
                "--set=ON_ERROR_STOP=1",
                // With the code of an error, by which its cause is told apart.
                "--set=VERBOSITY=verbose",
                .. options.PrintTags ? Array.Empty<string>() : ["--quiet"],
                "--no-password",
                "--file=-",
                "--dbname=" + Connection(database),
            ],
            withInput: true, cancellationToken);

    private static ToolProcess Start(
        DatabaseUrl database, PostgresClient client, string tool, string applicationName, IReadOnlyDictionary<string, string> settings,
        string[] arguments, bool withInput, CancellationToken cancellationToken)
    {
        var command = client.Command(tool);
        var environment = database.ToLibpqEnvironment(applicationName);
        foreach (var (name, value) in command.Environment)
            environment[name] = value;
        if (StartupOptions(database.Options, settings) is { Length: > 0 } startupOptions)
            environment["PGOPTIONS"] = startupOptions;

        return ToolProcess.Start(command with
        {
            Arguments = [.. command.Arguments, .. arguments],
            Environment = environment,
            Secrets = database.Secrets(),
            WithInput = withInput,
            HintFor = ToolHints.For,
        }, cancellationToken);
    }

    /// <summary>What has no PG* variable. Seconds; together they find a dead peer within about two minutes.</summary>
    private static string Connection(DatabaseUrl database) =>
        $"dbname='{database.Database.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'"
        + " keepalives=1 keepalives_idle=60 keepalives_interval=15 keepalives_count=4";

    /// <summary>The URL's own first: of two the last wins. The server splits at white space that no backslash precedes.</summary>
    private static string StartupOptions(string? ofUrl, IReadOnlyDictionary<string, string> settings) =>
        string.Join(' ', new[] { ofUrl }.OfType<string>().Concat(settings.Select(setting =>
            $"-c {setting.Key}={setting.Value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(" ", @"\ ", StringComparison.Ordinal)}")));
}

/// <summary>How psql is to run what is written to its input.</summary>
public sealed record PsqlOptions
{
    /// <summary>Prints each statement's tag (<c>COPY 5</c>); otherwise only results are printed. Default: false.</summary>
    public bool PrintTags { get; init; }

    /// <summary>Server settings for the session. They win over those of the database and the role.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>As pg_stat_activity shows it.</summary>
    public string ApplicationName { get; init; } = "deepsight restore";
}

/// <summary>What to do about failures that pg_dump and psql report in words that don't say it.</summary>
internal static class ToolHints
{
    private static readonly (string Said, string Hint)[] Known =
    [
        ("server version mismatch", "the client is older than the server: `deepsight doctor` lists the clients that are there."),
        ("permission denied for", "the role must be able to read everything: GRANT pg_read_all_data TO it, or dump as the owner."),
        ("query would be affected by row-level security", "the role must own the tables or have BYPASSRLS: a dump that row security thins out is no backup."),
        // pg_dump waits for its table locks under a statement timeout.
        ("query was: LOCK TABLE", "a table was being altered all that time; try again, or raise BACKUP_LOCK_TIMEOUT_SECONDS."),
        ("unsupported startup parameter", "this is a connection pooler; set DATABASE_DIRECT_URL to the server itself."),
        ("could not receive data from server", "the connection broke; was the server restarted, or the session terminated?"),
        ("server closed the connection unexpectedly", "was the server restarted, or the session terminated?"),
        ("connection to server", "is the server still running? `deepsight doctor` checks the way to it."),
    ];

    public static string For(string said) =>
        Known.FirstOrDefault(known => said.Contains(known.Said, StringComparison.OrdinalIgnoreCase)).Hint ?? "the server's log may say more.";
}
