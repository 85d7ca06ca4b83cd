using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;

namespace DeepSight.Tests.Postgres.Clients;

public sealed class ClientChoiceTests
{
    [Theory]
    [InlineData("15.20", "b15.20 b17.12 b18.6", "b15.20")] // the same major
    [InlineData("15.3", "b15.20 b17.12 b18.6", "b15.20")] // a newer minor
    [InlineData("16.9", "b15.20 b17.12 b18.6", "b17.12")] // no 16: the lowest newer major
    [InlineData("14.2", "b15.20 b17.12 b18.6", "b15.20")]
    [InlineData("17.13", "b15.20 b17.12 b18.6", "b18.6")] // an older minor doesn't know what the server's stores
    [InlineData("18.7", "b15.20 b17.12 b18.6", "b18.6")] // ... but serves where nothing newer is there
    [InlineData("15.20", "s15.20 b15.20", "b15.20")] // of two that fit equally, the bundle's
    [InlineData("15.20", "s15.25 b15.20", "b15.20")]
    [InlineData("15.21", "b15.20 s15.21 b18.6", "s15.21")] // the system's where it fits better
    [InlineData("16.1", "b15.20 s16.4 b17.12", "s16.4")]
    [InlineData("16.1", "s17.12 b17.5", "b17.5")]
    [InlineData("16.1", "s16.2 s16.4", "s16.4")]
    [InlineData("19.0", "b15.20 b17.12 b18.6", null)] // newer than every client
    [InlineData("15.1", "", null)]
    public void A_dump_takes_the_client_that_fits_the_server(string server, string found, string? expected) =>
        Assert.Equal(expected, Short(ClientChoice.ForDump(PostgresVersion.Find(server)!.Value, Clients(found))));

    [Theory]
    [InlineData("15.20", "b15.20 b17.12 b18.6", "b15.20")]
    [InlineData("14.2", "b15.20 b17.12 b18.6", "b15.20")]
    [InlineData("19.0", "b15.20 b17.12 b18.6", "b18.6")] // psql talks to newer servers: the nearest
    [InlineData("19.0", "", null)]
    public void A_restore_takes_an_older_client_where_no_other_is_there(string server, string found, string? expected) =>
        Assert.Equal(expected, Short(ClientChoice.ForPsql(PostgresVersion.Find(server)!.Value, Clients(found))));

    [Theory]
    [InlineData("pg_dump (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", "15.20")]
    [InlineData("pg_dump (PostgreSQL) 18beta1", "18.0")]
    [InlineData("pg_dump (PostgreSQL) 19devel", "19.0")]
    [InlineData("PostgreSQL 16.1 on x86_64-pc-linux-gnu, compiled by gcc 12.2.0", "16.1")]
    [InlineData("no version", null)]
    public void Versions_are_found_in_what_programs_say(string said, string? version) =>
        Assert.Equal(version, PostgresVersion.Find(said)?.ToString());

    [Fact]
    public void The_servers_number_is_a_version() => Assert.Equal(new PostgresVersion(17, 12), PostgresVersion.FromNumber(170012));

    private static IEnumerable<PostgresClient> Clients(string found) =>
        found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => new PostgresClient(
            text[0] == 'b' ? ClientOrigin.Bundled : ClientOrigin.System, PostgresVersion.Find(text[1..])!.Value, "/folder", null));

    private static string? Short(PostgresClient? client) =>
        client is null ? null : (client.Origin == ClientOrigin.Bundled ? "b" : "s") + client.Version;
}
