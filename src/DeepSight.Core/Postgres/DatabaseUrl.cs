using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace DeepSight.Core.Postgres;

/// <summary>
/// Where a database is and who we are there. Its text forms (<see cref="ToString"/>, <see cref="Display"/>,
/// <see cref="Target"/>) never hold the password, so that it can be printed, logged and recorded.
/// </summary>
public sealed record DatabaseUrl
{
    /// <summary>PostgreSQL's port where none is given.</summary>
    public const int DefaultPort = 5432;

    internal DatabaseUrl() { }

    /// <summary>A name, an address (IPv6 without brackets), or the folder of a Unix socket (starts with <c>/</c>).</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string User { get; init; }

    public required string Database { get; init; }

    /// <summary>Null leaves it to both drivers' default, <see cref="Npgsql.SslMode.Prefer"/>.</summary>
    public SslMode? SslMode { get; init; }

    /// <summary>Start-up options for the session as libpq takes them: <c>-c search_path=app</c>.</summary>
    public string? Options { get; init; }

    /// <summary>Seconds to wait for a connection; 0 waits for ever. Default: 15.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 15;

    /// <summary>Another name of the host, by which it may be known to be production; null when there is none.</summary>
    internal string? OtherHost { get; init; }

    internal string? Password { get; init; }

    internal string? PasswordFile { get; init; }

    internal string? SslRootCertificate { get; init; }

    internal string? SslCertificate { get; init; }

    internal string? SslKey { get; init; }

    internal ChannelBinding? ChannelBinding { get; init; }

    internal SslNegotiation? SslNegotiation { get; init; }

    internal GssEncryptionMode? GssEncryption { get; init; }

    public bool IsSocket => Host.StartsWith('/');

    /// <summary><c>host:port</c>; an IPv6 address in brackets.</summary>
    public string Server => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>For people: <c>app on db.internal:5432</c>.</summary>
    public string Display => $"{Database} on {Server}";

    /// <summary>As restore requests name it: <c>db.internal:5432/app</c>.</summary>
    public string Target => $"{Server}/{Database}";

    /// <summary>
    /// Tells databases apart in manifests without naming them: the first 12 hex digits of the SHA-256 of host, port and database.
    /// </summary>
    public string DatabaseId =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Host.ToLowerInvariant()}\n{Port}\n{Database}")))[..12];

    /// <summary>
    /// Reads <c>postgres://</c>, <c>postgresql://</c> (also with <c>+driver</c>) and Npgsql connection strings. What is missing
    /// gets libpq's default: the local socket, port 5432, the operating system's user, the database of the user's name.
    /// </summary>
    /// <param name="text">The value of the setting.</param>
    /// <param name="setting">The setting's name, for the message.</param>
    /// <exception cref="DeepSightException">It can't be read; the message names the part that failed, never its value.</exception>
    public static DatabaseUrl Parse(string text, string setting) => new DatabaseUrlParser(setting).Parse(text);

    /// <summary>The same server and user, another database.</summary>
    public DatabaseUrl WithDatabase(string name) => this with { Database = name };

    /// <summary>Without the password: <c>postgresql://app@db.internal:5432/app</c>.</summary>
    public override string ToString()
    {
        var server = IsSocket ? $"{Uri.EscapeDataString(Host)}:{Port}" : Server;
        return $"postgresql://{Uri.EscapeDataString(User)}@{server}/{Uri.EscapeDataString(Database)}";
    }
}
