using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeepSight.Cli.Quickstart;
using DeepSight.Core;
using DeepSight.Core.Postgres;
using DeepSight.Core.Postgres.Clients;
using DeepSight.Tests.Servers;
using DeepSight.Tests.Storage;

namespace DeepSight.Tests.Postgres;

/// <summary>A server with a certificate of an authority of its own, for <c>localhost</c>.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private EmbeddedServer server = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Authority => Path.Combine(folder.Path, "ca.pem");

    public async ValueTask InitializeAsync()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=DeepSight test authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var from = TimeProvider.System.GetUtcNow().AddHours(-1);
        using var authority = request.CreateSelfSigned(from, from.AddDays(2));
        await File.WriteAllTextAsync(Authority, authority.ExportCertificatePem(), Cancelled);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        var ofServer = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        ofServer.CertificateExtensions.Add(names.Build());
        using var certificate = ofServer.Create(authority, from, from.AddDays(1), [1, 2, 3]);

        // The server reads its key only if nobody else can: its own user writes it.
        var ofServerUser = await ServerUser.RunAsync("mktemp", ["-d", "/tmp/deepsight-tls-XXXXXX"], Cancelled);
        await ServerUser.RunAsync("/bin/sh", ["-c", "umask 077; cd \"$1\"; echo \"$2\" >cert.pem; echo \"$3\" >key.pem", "sh",
            ofServerUser, certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem()], Cancelled);
        server = await PostgresServers.StartAnotherAsync(18, new Dictionary<string, string>
        {
            ["ssl"] = "on",
            ["ssl_cert_file"] = Path.Combine(ofServerUser, "cert.pem"),
            ["ssl_key_file"] = Path.Combine(ofServerUser, "key.pem"),
        });
        Directory.Delete(ofServerUser, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task Npgsql_and_every_bundled_pg_dump_verify_by_the_same_rules()
    {
        var local = server.Url with { Host = "localhost" };

        Assert.Null(await FailureAsync(local with { SslMode = Npgsql.SslMode.Require }));
        Assert.Null(await FailureAsync(local with { SslMode = Npgsql.SslMode.VerifyFull, SslRootCertificate = Authority }));
        Assert.Null(await FailureAsync(server.Url with { SslMode = Npgsql.SslMode.VerifyCA, SslRootCertificate = Authority }));

        // No authority of this machine's: refused. The certificate is for localhost, not for the address: refused.
        Assert.NotNull(await FailureAsync(local with { SslMode = Npgsql.SslMode.VerifyFull }));
        Assert.NotNull(await FailureAsync(local with { SslMode = Npgsql.SslMode.VerifyFull, SslRootCertificate = "system" }));
        Assert.NotNull(await FailureAsync(server.Url with { SslMode = Npgsql.SslMode.VerifyFull, SslRootCertificate = Authority, Host = IPAddress.Loopback.ToString() }));
    }

    [Fact]
    public async Task An_encrypted_connection_says_so()
    {
        await using var connection = await (server.Url with { SslMode = Npgsql.SslMode.Require }).OpenAsync();

        Assert.True((await PostgresServer.DescribeAsync(connection, Cancelled)).IsEncrypted);
    }

    [Fact]
    public async Task An_untrusted_certificate_is_told_as_that()
    {
        var failure = await Assert.ThrowsAsync<DeepSightException>(() => (server.Url with { SslMode = Npgsql.SslMode.VerifyFull }).OpenAsync());

        Assert.Contains("its certificate is not trusted", failure.Message, StringComparison.Ordinal);
        Assert.Contains("sslrootcert", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_authority_is_told()
    {
        var database = server.Url with { SslMode = Npgsql.SslMode.VerifyFull, SslRootCertificate = "/nowhere/ca.pem" };

        var failure = await Assert.ThrowsAsync<DeepSightException>(database.OpenAsync);

        Assert.Contains("there is no file '/nowhere/ca.pem'", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Null when all can connect, the reason when none can; anything between fails the test.</summary>
    private static async Task<string?> FailureAsync(DatabaseUrl database)
    {
        await Clone.BuiltAsync("postgres-client", "client");
        using var clients = new PostgresClients(new DatabaseSettings());
        var reasons = new List<string?> { await ReasonAsync(async () => await (await database.OpenAsync()).DisposeAsync()) };
        foreach (var client in (await clients.FindAsync(Cancelled)).Where(client => client.Origin == ClientOrigin.Bundled))
            reasons.Add(await ReasonAsync(async () =>
            {
                await using var psql = PostgresTools.StartPsql(database, client, new PsqlOptions(), Cancelled);
                await psql.Input.DisposeAsync();
                await psql.Output.CopyToAsync(Stream.Null, Cancelled);
                await psql.WaitForSuccessAsync();
            }));

        Assert.Equal(4, reasons.Count);
        Assert.Single(reasons.Select(reason => reason is null).Distinct());
        return reasons[0];
    }

    private static async Task<string?> ReasonAsync(Func<Task> connect)
    {
        try
        {
            await connect();
            return null;
        }
        catch (DeepSightException e)
        {
            return e.Message;
        }
    }
}
