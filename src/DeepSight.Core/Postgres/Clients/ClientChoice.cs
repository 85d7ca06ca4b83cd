namespace DeepSight.Core.Postgres.Clients;

/// <summary>
/// Which client serves which server. pg_dump refuses a server newer than itself; its output is best taken back by its own
/// major (17 and 18 write <c>SET transaction_timeout</c>, unknown before); within a major an older minor doesn't know what the
/// server's security fixes store (<c>pg_attver</c> in 15.20 and 17.12).
/// </summary>
internal static class ClientChoice
{
    /// <summary>For pg_dump: null when all are older than the server.</summary>
    public static PostgresClient? ForDump(PostgresVersion server, IEnumerable<PostgresClient> found) =>
        Ranked(server, found).FirstOrDefault(client => client.Version.Major >= server.Major);

    /// <summary>For psql, which talks to servers newer than itself as well: null only when there is none at all.</summary>
    public static PostgresClient? ForPsql(PostgresVersion server, IEnumerable<PostgresClient> found) => Ranked(server, found).FirstOrDefault();

    private static IEnumerable<PostgresClient> Ranked(PostgresVersion server, IEnumerable<PostgresClient> found) =>
        from client in found
        let version = client.Version
        orderby Fit(server, version), Math.Abs(version.Major - server.Major), client.Origin, version descending
        select client;

    private static int Fit(PostgresVersion server, PostgresVersion client) =>
        client.Major == server.Major && client.Minor >= server.Minor ? 0
        : client.Major > server.Major ? 1
        : client.Major == server.Major ? 2
        : 3;
}
