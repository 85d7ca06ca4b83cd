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
