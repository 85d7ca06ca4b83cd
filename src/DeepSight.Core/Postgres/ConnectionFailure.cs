using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;

namespace DeepSight.Core.Postgres;

/// <summary>Why a connection could not be opened, and what to do, in words that hold no secret.</summary>
internal static class ConnectionFailure
{
    private const string ServerLog = "the server's log says more.";

    /// <summary>Null for what is no failure to connect.</summary>
    public static DeepSightException? Explain(DatabaseUrl database, Exception failure)
    {
        var (what, hint) = failure switch
        {
            PostgresException refusal => OfServer(refusal, database),
            // A missing authority surfaces as an untrusted certificate.
            _ when MissingFile(database) is { } file => ($"there is no file '{file}'", "check sslrootcert, sslcert and sslkey, and PGSSL* in the environment."),
            _ when failure.GetBaseException() is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or CryptographicException =>
                ($"a certificate or key can't be read: {FirstLine(failure.GetBaseException().Message)}", "check sslrootcert, sslcert and sslkey, and PGSSL* in the environment."),
            TimeoutException => Timeout(database),
            NpgsqlException { InnerException: TimeoutException } => Timeout(database),
            NpgsqlException { InnerException: SocketException socket } => OfNetwork(socket, database),
            SocketException socket => OfNetwork(socket, database),
            NpgsqlException { InnerException: AuthenticationException } or AuthenticationException =>
                ("its certificate is not trusted, or does not bear this name",
                 "give the authority's certificate with sslrootcert=…, or see whether the host's name is the one in the certificate."),
            NpgsqlException when failure.Message.Contains("No SSL enabled", StringComparison.OrdinalIgnoreCase)
                              || failure.Message.Contains("SSL connection requested", StringComparison.OrdinalIgnoreCase) =>
                ("it offers no TLS", "if the way to it is safe, say sslmode=prefer; otherwise turn TLS on at the server."),
            NpgsqlException when failure.Message.Contains("No password has been provided", StringComparison.Ordinal) =>
                ($"it wants a password for '{database.User}' and there is none", "put it into the URL, or into PGPASSWORD or ~/.pgpass."),
            NpgsqlException when failure.Message.Contains("unknown response", StringComparison.Ordinal) =>
                ("what answers there is no PostgreSQL server", "check the host and the port: something else listens there, a web server or a proxy."),
            NpgsqlException when failure.GetBaseException() is EndOfStreamException =>
                ("the connection was closed before it answered", "a proxy in between may not reach the server, or something else listens on that port; the server's log says more."),
            NpgsqlException => (FirstLine(failure.Message), ServerLog),
            _ => (null, null),
        };
        return what is null ? null : new DeepSightException(FailureKind.Failed, $"Can't connect to '{database.Display}': {what}.", hint, failure);
    }

    private static string? MissingFile(DatabaseUrl database) =>
        new[] { database.SslRootCertificate, database.SslCertificate, database.SslKey }
            .FirstOrDefault(file => file is not (null or "" or "system") && !File.Exists(file));

    private static (string What, string? Hint) OfServer(PostgresException refusal, DatabaseUrl database) => refusal.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => ($"the password of '{database.User}' is wrong", "was it changed, or is a character in it not percent-encoded?"),
        PostgresErrorCodes.InvalidAuthorizationSpecification when refusal.MessageText.Contains("no encryption", StringComparison.Ordinal)
                                                               || refusal.MessageText.Contains("SSL off", StringComparison.Ordinal) =>
            ($"the server takes '{database.User}' from here only with TLS, or not at all", "say sslmode=require."),
        PostgresErrorCodes.InvalidAuthorizationSpecification => (refusal.MessageText, "check the user's name and the server's pg_hba.conf."),
        PostgresErrorCodes.InvalidCatalogName => ($"there is no database '{database.Database}'", "check the name at the end of the URL; upper and lower case differ."),
        PostgresErrorCodes.InsufficientPrivilege => ($"'{database.User}' may not connect to it", $"GRANT CONNECT ON DATABASE to the role."),
        PostgresErrorCodes.TooManyConnections => ("the server has no connection left", "end idle ones, or raise max_connections or the role's limit."),
        PostgresErrorCodes.CannotConnectNow => ($"the server is not ready: {refusal.MessageText}", "try again in a moment."),
        PostgresErrorCodes.ObjectNotInPrerequisiteState => (refusal.MessageText, ServerLog),
        _ when refusal.MessageText.Contains("startup parameter", StringComparison.Ordinal) =>
            (refusal.MessageText, "this is a connection pooler that takes no options; remove options=… from the URL, or set DATABASE_DIRECT_URL."),
        _ => (refusal.MessageText, ServerLog),
    };

    private static (string What, string? Hint) OfNetwork(SocketException socket, DatabaseUrl database) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData =>
            ("no host of that name is known", "check the name; within a private network it may be known only from inside."),
        _ when database.IsSocket => ("no server listens on that socket", "is the server running, and is this its unix_socket_directories and port?"),
        SocketError.ConnectionRefused => ("nothing listens on that port", "is the server running, and is the port right?"),
        SocketError.TimedOut => Timeout(database),
        _ => (FirstLine(socket.Message).TrimEnd('.'), "check the network and the firewall."),
    };

    private static (string What, string? Hint) Timeout(DatabaseUrl database) =>
        ($"no answer within {database.ConnectTimeoutSeconds} s", "check the host's name, the firewall and whether this machine's address is allowed; connect_timeout=… waits longer.");

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('.', '\r');
}
