using System.Globalization;
using Npgsql;

namespace DeepSight.Core.Postgres;

/// <summary>The same connection for Npgsql and for libpq's programs.</summary>
internal static class DatabaseUrlConversions
{
    private static readonly string[] Foreign =
        ["PGOPTIONS", "PGTZ", "PGCLIENTENCODING", "PGREQUIREAUTH", "PGTARGETSESSIONATTRS", "PGSSLNEGOTIATION", "PGGSSENCMODE"];

    /// <summary>
    /// For Npgsql: unpooled unless asked (a pooled connection keeps its locks when it is disposed), UTC, kept alive.
    /// Of the environment nothing but passwords and certificates counts.
    /// </summary>
    /// <param name="applicationName">As pg_stat_activity shows it; at most 63 bytes.</param>
    /// <param name="forScripts">As psql connects: with the database's and the role's time zone, and errors with all of their detail.</param>
    public static NpgsqlConnectionStringBuilder ToNpgsql(
        this DatabaseUrl url, string applicationName = "deepsight", bool pooling = false, bool forScripts = false)
    {
        // Npgsql asks the environment for whatever a connection does not say, and has no other way to be told "nothing".
        foreach (var name in Foreign) Environment.SetEnvironmentVariable(name, null);
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Username = url.User,
            Password = url.Password,
            Passfile = url.PasswordFile,
            Database = url.Database,
            SslMode = url.SslMode ?? SslMode.Prefer,
            // 'system' is libpq's word for what Npgsql does without a file.
            RootCertificate = url.SslRootCertificate is "system" ? null : url.SslRootCertificate,
            SslCertificate = url.SslCertificate,
            SslKey = url.SslKey,
            SslNegotiation = url.SslNegotiation ?? SslNegotiation.Postgres,
            ChannelBinding = url.ChannelBinding ?? ChannelBinding.Prefer,
            GssEncryptionMode = url.GssEncryption ?? GssEncryptionMode.Disable,
            Options = url.Options,
            Timezone = forScripts ? null : "UTC",
            IncludeErrorDetail = forScripts,
            Timeout = url.ConnectTimeoutSeconds,
            CommandTimeout = 60,
            // Seconds. Firewalls forget idle connections after minutes: both the server's and our own end must see traffic.
            KeepAlive = 30,
            TcpKeepAlive = !url.IsSocket,
            TcpKeepAliveTime = url.IsSocket ? 0 : 30,
            TcpKeepAliveInterval = url.IsSocket ? 0 : 10,
            ApplicationName = applicationName,
            Pooling = pooling,
            Enlist = false,
            // Of statements sent together, an error tells which one it is about.
            IncludeFailedBatchedCommand = true,
        };
    }

    /// <summary>
    /// For pg_dump and psql: every PG* variable they need, the password among them. Nothing else of the connection
    /// belongs in their arguments but what has no variable.
    /// </summary>
    public static Dictionary<string, string> ToLibpqEnvironment(this DatabaseUrl url, string applicationName = "deepsight")
    {
        var environment = new Dictionary<string, string>
        {
            ["PGHOST"] = url.Host,
            ["PGPORT"] = url.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = url.User,
            ["PGDATABASE"] = url.Database,
            ["PGCONNECT_TIMEOUT"] = url.ConnectTimeoutSeconds.ToString(CultureInfo.InvariantCulture),
            ["PGGSSENCMODE"] = (url.GssEncryption ?? GssEncryptionMode.Disable).ToString().ToLowerInvariant(),
            ["PGCLIENTENCODING"] = "UTF8",
            ["PGTZ"] = "UTC",
            ["PGAPPNAME"] = applicationName,
        };
        // As with Npgsql, what proves who we are and who the server is may come from our own environment; nothing else may.
        Add("PGPASSWORD", url.Password ?? Environment.GetEnvironmentVariable("PGPASSWORD"));
        Add("PGPASSFILE", url.PasswordFile ?? Environment.GetEnvironmentVariable("PGPASSFILE"));
        Add("PGSSLMODE", url.SslMode is { } mode ? LibpqName(mode) : null);
        Add("PGSSLROOTCERT", Tls.RootCertificateFor(url));
        Add("PGSSLCERT", url.SslCertificate ?? Environment.GetEnvironmentVariable("PGSSLCERT"));
        Add("PGSSLKEY", url.SslKey ?? Environment.GetEnvironmentVariable("PGSSLKEY"));
        Add("PGSSLNEGOTIATION", url.SslNegotiation?.ToString().ToLowerInvariant());
        Add("PGCHANNELBINDING", url.ChannelBinding?.ToString().ToLowerInvariant());
        Add("PGOPTIONS", url.Options);
        return environment;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) environment[name] = value;
        }
    }

    /// <summary>What must never be printed, in each form in which a tool might print it.</summary>
    public static IReadOnlyList<string> Secrets(this DatabaseUrl url) =>
    [
        .. new[] { url.Password, Environment.GetEnvironmentVariable("PGPASSWORD") }
            .OfType<string>().Where(secret => secret.Length > 0)
            .SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret) }).Distinct(),
    ];

    private static string LibpqName(SslMode mode) => mode switch
    {
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
        _ => mode.ToString().ToLowerInvariant(),
    };
}
