using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace DeepSight.Core.Health;

/// <summary>Why the database doesn't answer, in words for anyone: no name of a host, a user or a database.</summary>
internal static class HealthFailure
{
    public static string Describe(Exception failure) => failure switch
    {
        PostgresException refusal => OfServer(refusal),
        NpgsqlException { InnerException: SocketException socket } => OfNetwork(socket),
        SocketException socket => OfNetwork(socket),
        NpgsqlException { InnerException: AuthenticationException } or AuthenticationException => "the server's certificate is not trusted",
        NpgsqlException { InnerException: TimeoutException } or TimeoutException => "the database did not answer in time",
        NpgsqlException { InnerException: IOException } or IOException => "the connection was cut off",
        _ => "the database can't be reached",
    };

    private static string OfServer(PostgresException refusal) => refusal.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "the database refused the login",
        PostgresErrorCodes.InvalidCatalogName => "the database does not exist",
        PostgresErrorCodes.TooManyConnections => "the server has no connection left",
        PostgresErrorCodes.CannotConnectNow => "the server is starting up or shutting down",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "the server is shutting down",
        _ => $"the database refused the query (SQLSTATE {refusal.SqlState})",
    };

    private static string OfNetwork(SocketException socket) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "the server's name is not known",
        SocketError.ConnectionRefused => "no server listens there",
        SocketError.TimedOut => "the database did not answer in time",
        _ => "the server can't be reached",
    };
}
