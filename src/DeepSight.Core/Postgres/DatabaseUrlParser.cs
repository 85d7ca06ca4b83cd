using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace DeepSight.Core.Postgres;

/// <summary>
/// Reads connection URLs as libpq does (https://www.postgresql.org/docs/current/libpq-connect.html, 34.1.1), more kindly in one
/// point: a raw <c>@</c> in the password is understood, since a host can't hold one. A message never quotes the value: a URL
/// that doesn't parse may hold a piece of the password anywhere, even where a parameter's name is expected.
/// </summary>
internal sealed partial class DatabaseUrlParser(string setting)
{
    /// <summary>Parameters that change how other programs and libraries connect, not what they connect to.</summary>
    private static readonly HashSet<string> OfOthers = new(StringComparer.OrdinalIgnoreCase)
    {
        "application_name", "fallback_application_name", "client_encoding", "target_session_attrs", "tcp_user_timeout",
        "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
        "pgbouncer", "connection_limit", "pool_timeout", "schema", "sslaccept", "supa", "uselibpqcompat",
        "command_timeout", "statement_cache_size", "prepared_statement_cache_size",
    };

    public DatabaseUrl Parse(string text)
    {
        text = text.Trim();
        if (text.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase))
            throw new DeepSightException(FailureKind.InvalidInput, $"{setting} is a Key Vault reference that was not resolved.",
                "check that the secret exists and that the app's identity may read it (Key Vault Secrets User); on a laptop, set the value itself.");

        var parts = Scheme().Match(text) is { Success: true } scheme ? FromUrl(text[scheme.Length..])
            : !text.Contains("://", StringComparison.Ordinal) && text.Contains('=') ? FromKeywords(text)
            : throw Unreadable("it starts with neither postgresql:// nor an Npgsql keyword such as Host=",
                "the form is postgresql://user:password@host:5432/database, without quotes around it.");
        return Complete(parts);
    }

    private Parts FromUrl(string rest)
    {
        var authorityEnd = rest.IndexOfAny(['/', '?']) is >= 0 and var end ? end : rest.Length;
        var authority = rest[..authorityEnd];
        var queryStart = rest.IndexOf('?', authorityEnd);
        var path = queryStart < 0 ? rest[authorityEnd..] : rest[authorityEnd..queryStart];
        var parts = new Parts();

        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var colon = authority.AsSpan(0, at).IndexOf(':');
            parts.User = Decode(authority[..(colon < 0 ? at : colon)], "user");
            parts.Password = colon < 0 ? null : Decode(authority[(colon + 1)..at], "password");
        }

        ReadServer(authority[(at + 1)..], parts);

        // A raw '/' or '@' here means that the password held a raw '/': half of it would be taken for the database and printed.
        if (path.Length > 1 && path.AsSpan(1).ContainsAny('/', '@'))
            throw Unreadable("its database has a '/' or '@' in it");
        parts.Database = path.Length > 1 ? Decode(path[1..], "database") : null;

        if (queryStart >= 0) ReadQuery(rest[(queryStart + 1)..], parts);
        return parts;
    }

    private void ReadServer(string server, Parts parts)
    {
        var close = server.StartsWith('[') ? server.IndexOf(']') : -1;
        if (server.StartsWith('[') && close < 0) throw Unreadable("its IPv6 host has no closing ']'");

        var colon = server.IndexOf(':', close + 1);
        if (close >= 0 && close + 1 != (colon < 0 ? server.Length : colon)) throw Unreadable("its host goes on after ']'");

        parts.Host = close >= 0 ? Decode(server[1..close], "host") : Decode(server[..(colon < 0 ? server.Length : colon)], "host");
        parts.Port = colon < 0 || colon == server.Length - 1 ? null : ReadNumber(server[(colon + 1)..], 1, 65535, "port");
    }

    private void ReadQuery(string query, Parts parts)
    {
        var pairs = query.Split('&', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < pairs.Length; i++)
        {
            var separator = pairs[i].IndexOf('=');
            if (separator <= 0) throw Unreadable($"its parameter {i + 1} is not of the form name=value");

            var name = Decode(pairs[i][..separator], "parameter");
            if (!TryApply(name, Decode(pairs[i][(separator + 1)..], "parameter"), parts) && !OfOthers.Contains(name))
                throw Unreadable($"its parameter {i + 1} is not one that is understood",
                    "understood are host, port, user, password, dbname, passfile, sslmode, sslrootcert, sslcert, sslkey, sslnegotiation, "
                    + "channel_binding, gssencmode, options and connect_timeout.");
        }
    }

    private bool TryApply(string name, string value, Parts parts)
    {
        switch (name.ToLowerInvariant())
        {
            case "host": parts.Host = value; break;
            case "hostaddr": parts.Address = value; break;
            case "port": parts.Port = ReadNumber(value, 1, 65535, "port"); break;
            case "user": parts.User = value; break;
            case "password": parts.Password = value; break;
            case "dbname": parts.Database = value; break;
            case "passfile": parts.PasswordFile = value; break;
            case "options": parts.Options = value; break;
            case "connect_timeout": parts.ConnectTimeout = Math.Min(ReadNumber(value, 0, int.MaxValue, name), 1024); break;
            case "sslrootcert": parts.SslRootCertificate = value; break;
            case "sslcert": parts.SslCertificate = value; break;
            case "sslkey": parts.SslKey = value; break;
            case "sslmode": parts.SslMode = ReadSslMode(value); break;
            // What JDBC and asyncpg write.
            case "ssl": parts.SslMode = value.ToLowerInvariant() switch { "true" => SslMode.Require, "false" => SslMode.Disable, _ => ReadSslMode(value) }; break;
            case "sslnegotiation": parts.SslNegotiation = ReadOne<SslNegotiation>(value, name); break;
            case "channel_binding": parts.ChannelBinding = ReadOne<ChannelBinding>(value, name); break;
            case "gssencmode": parts.GssEncryption = ReadOne<GssEncryptionMode>(value, name); break;
            default: return false;
        }

        return true;
    }

    private Parts FromKeywords(string text)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // Not as the inner exception: its message quotes the text.
            throw Unreadable("as an Npgsql connection string one of its keywords or values is wrong",
                "the form is Host=db;Port=5432;Username=app;Password=…;Database=app; or use postgresql://user:password@host:5432/database.");
        }

        // ContainsKey answers for every keyword there is; Keys has those that were given.
        var given = builder.Keys;
        var parts = new Parts
        {
            User = builder.Username,
            Password = builder.Password,
            PasswordFile = builder.Passfile,
            Database = builder.Database,
            Options = SessionOptions(builder),
            SslRootCertificate = builder.RootCertificate,
            SslCertificate = builder.SslCertificate,
            SslKey = builder.SslKey,
            SslMode = given.Contains("SSL Mode") ? builder.SslMode : null,
            SslNegotiation = given.Contains("SSL Negotiation") ? builder.SslNegotiation : null,
            ChannelBinding = given.Contains("Channel Binding") ? builder.ChannelBinding : null,
            GssEncryption = given.Contains("GSS Encryption Mode") ? builder.GssEncryptionMode : null,
            ConnectTimeout = given.Contains("Timeout") ? builder.Timeout : null,
        };
        var host = builder.Host ?? "";
        if (HostAndPort().IsMatch(host)) ReadServer(host, parts);
        else (parts.Host, parts.Port) = (host, builder.Port);
        if (host.Contains('=') && host.Any(char.IsWhiteSpace))
            throw Unreadable("its host has a character in it that no host has",
                "libpq's keywords (host=… dbname=…) are not read: write postgresql://user:password@host:5432/database, or Host=…;Database=… as Npgsql does.");
        return parts;
    }

    private DatabaseUrl Complete(Parts parts)
    {
        // As libpq: the address is where it goes, the name is what it is called.
        var named = string.IsNullOrEmpty(parts.Address) ? parts.Host : parts.Address;
        var host = string.IsNullOrEmpty(named) ? DefaultHost() : named.TrimStart('[').TrimEnd(']');
        if (HostAndPort().IsMatch(host)) throw Unreadable("its host has a port in it, which libpq takes for a part of the name", "write it as host=…&port=…, or before the ? as host:port.");
        if (host.Contains(',')) throw Unreadable("it names several hosts", "name the one server that is to be guarded.");
        if (host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '@' or '=' or ';') || (host.Contains('/') && !host.StartsWith('/')))
            throw Unreadable("its host has a character in it that no host has");

        var user = string.IsNullOrEmpty(parts.User) ? Environment.UserName : parts.User;
        return new DatabaseUrl
        {
            Host = host,
            OtherHost = named == parts.Host ? null : parts.Host,
            Port = parts.Port ?? DatabaseUrl.DefaultPort,
            User = user,
            Password = string.IsNullOrEmpty(parts.Password) ? null : parts.Password,
            PasswordFile = parts.PasswordFile,
            Database = string.IsNullOrEmpty(parts.Database) ? user : parts.Database,
            // Railway's public proxy ends TLS for everyone; without a mode an answer of "no TLS" would be taken.
            SslMode = parts.SslMode ?? ((parts.Host ?? host).EndsWith(".proxy.rlwy.net", StringComparison.OrdinalIgnoreCase) ? SslMode.Require : null),
            SslRootCertificate = parts.SslRootCertificate,
            SslCertificate = parts.SslCertificate,
            SslKey = parts.SslKey,
            SslNegotiation = parts.SslNegotiation,
            ChannelBinding = parts.ChannelBinding,
            GssEncryption = parts.GssEncryption,
            Options = string.IsNullOrWhiteSpace(parts.Options) ? null : parts.Options,
            ConnectTimeoutSeconds = parts.ConnectTimeout ?? 15,
        };
    }

    /// <summary>Npgsql sets a search path at the start of the session; as an option both drivers do.</summary>
    private static string? SessionOptions(NpgsqlConnectionStringBuilder builder) => string.IsNullOrWhiteSpace(builder.SearchPath)
        ? builder.Options
        : $"{builder.Options} -c search_path={builder.SearchPath.Replace(@"\", @"\\", StringComparison.Ordinal).Replace(" ", @"\ ", StringComparison.Ordinal)}".TrimStart();

    /// <summary>Debian's socket folder, else the one PostgreSQL is built with by default.</summary>
    private static string DefaultHost() => Directory.Exists("/var/run/postgresql") ? "/var/run/postgresql" : "/tmp";

    private string Decode(string text, string part)
    {
        // Sequences that are no percent-encoding stay as they are, as Python's drivers read them.
        var decoded = Uri.UnescapeDataString(text);
        return decoded.Contains('\0') ? throw Unreadable($"its {part} holds %00") : decoded;
    }

    private int ReadNumber(string text, int least, int most, string part) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Unreadable(most == int.MaxValue ? $"its {part} is not a whole number" : $"its {part} is not a number from {least} to {most}");

    private SslMode ReadSslMode(string text) => text.ToLowerInvariant() switch
    {
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        var plain when Enum.TryParse<SslMode>(plain, ignoreCase: true, out var mode) && mode.ToString().Equals(plain, StringComparison.OrdinalIgnoreCase) => mode,
        _ => throw Unreadable("its sslmode is not one of disable, allow, prefer, require, verify-ca, verify-full"),
    };

    private T ReadOne<T>(string text, string name) where T : struct, Enum =>
        Enum.GetNames<T>().FirstOrDefault(known => known.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } match
            ? Enum.Parse<T>(match)
            : throw Unreadable($"its {name} is not one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");

    private DeepSightException Unreadable(string what, string? hint = null) =>
        new(FailureKind.InvalidInput, $"{setting} can't be read: {what}. (The value is not shown.)",
            hint ?? "in user and password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25.");

    [GeneratedRegex(@"^postgres(ql)?(\+[a-z0-9_]+)?://", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^(\[[^\]]*\]|[^:/]*):\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();

    /// <summary>What was found so far; null or empty where nothing was said.</summary>
    private sealed class Parts
    {
        public string? Host, Address, User, Password, PasswordFile, Database, Options, SslRootCertificate, SslCertificate, SslKey;
        public int? Port, ConnectTimeout;
        public SslMode? SslMode;
        public SslNegotiation? SslNegotiation;
        public ChannelBinding? ChannelBinding;
        public GssEncryptionMode? GssEncryption;
    }
}
